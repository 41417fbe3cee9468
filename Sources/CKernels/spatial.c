#include "CKernelsSpatial.h"

#include <math.h>
#include <string.h>

#include "CKernelsParallel.h"
#include "images.h"
#include "window.h"

// Channels lie innermost: each tap of a window is a row of channels. Channels are taken in blocks so that the
// running best stays in registers and in the first cache.
#define BLOCK 64

typedef struct {
    const distill_window *window;
    const void *x, *g;
    void *out;
    int counts_padding;
} pool;

/// The greatest of a window for `count` channels: a constant where that is a whole block, so that the running best
/// stays in registers.
INLINE void find_greatest(const pool *work, const taps *t, int64_t image, int64_t c0, const int64_t count, int64_t to,
                          const int half) {
    const distill_window *w = work->window;
    float best[BLOCK];
    for (int64_t c = 0; c < count; c++) best[c] = -INFINITY;
    for (int64_t y = t->top; y < t->bottom; y++)
        for (int64_t x = t->left; x < t->right; x++) {
            const int64_t tap = image + (y * w->width + x) * w->channels + c0;
            for (int64_t c = 0; c < count; c++) {
                const float value = get(work->x, tap + c, half);
                best[c] = value > best[c] ? value : best[c];
            }
        }
    for (int64_t c = 0; c < count; c++) put(work->out, to + c0 + c, best[c], half);
}

INLINE void maximum_pool(const pool *work, int64_t begin, int64_t end, int thread, const int half) {
    (void)thread;
    const distill_window *w = work->window;
    for (int64_t row = begin; row < end; row++) {
        const int64_t n = row / w->out_height, oy = row % w->out_height;
        const int64_t image = n * w->height * w->width * w->channels;
        for (int64_t ox = 0; ox < w->out_width; ox++) {
            const taps t = inside(w, oy, ox);
            const int64_t out = (row * w->out_width + ox) * w->channels;
            for (int64_t c0 = 0; c0 < w->channels; c0 += BLOCK) {
                if (w->channels - c0 >= BLOCK) {
                    find_greatest(work, &t, image, c0, BLOCK, out, half);
                } else {
                    find_greatest(work, &t, image, c0, w->channels - c0, out, half);
                }
            }
        }
    }
}

FOR_BOTH(maximum_pool)

void distill_maximum_pool(const distill_window *w, int half, const void *x, void *y) {
    pool work = {w, x, 0, y, 0};
    distill_parallel(w->batch * w->out_height, 1, 4096 / (w->out_width * w->channels) + 1,
                     half ? half_maximum_pool_part : maximum_pool_part, &work);
}

typedef struct {
    pool pool;
    // For each thread the winning tap of every window and channel of one image.
    uint16_t *winners;
} pool_gradient;

int64_t distill_maximum_pool_gradient_scratch(const distill_window *w) {
    return w->out_height * w->out_width * w->channels * (int64_t)sizeof(uint16_t) * distill_thread_count();
}

/// The first maximum of a window in row-major order, counted over the whole window, padding included, for
/// `count` channels: a constant where that is a whole block, so that the running best stays in registers.
INLINE void find_winner(const pool *work, int64_t place, int64_t image, int64_t c0, const int64_t count,
                        uint16_t *out, const int half) {
    const distill_window *w = work->window;
    const int64_t oy = place / w->out_width, ox = place % w->out_width;
    const taps t = inside(w, oy, ox);
    const int64_t top = oy * w->stride[0] - w->pad_top, left = ox * w->stride[1] - w->pad_left;
    float best[BLOCK];
    uint32_t winner[BLOCK];
    for (int64_t c = 0; c < count; c++) {
        best[c] = -INFINITY;
        winner[c] = (uint32_t)((t.top - top) * w->window[1] + t.left - left);
    }
    for (int64_t y = t.top; y < t.bottom; y++)
        for (int64_t x = t.left; x < t.right; x++) {
            const int64_t in = image + (y * w->width + x) * w->channels + c0;
            const uint32_t tap = (uint32_t)((y - top) * w->window[1] + x - left);
            for (int64_t c = 0; c < count; c++) {
                const float value = get(work->x, in + c, half);
                winner[c] = value > best[c] ? tap : winner[c];
                best[c] = value > best[c] ? value : best[c];
            }
        }
    for (int64_t c = 0; c < count; c++) out[c] = (uint16_t)winner[c];
}

INLINE void find_winners(const pool *work, int64_t image, uint16_t *winners, const int half) {
    const distill_window *w = work->window;
    for (int64_t place = 0; place < w->out_height * w->out_width; place++)
        for (int64_t c0 = 0; c0 < w->channels; c0 += BLOCK) {
            uint16_t *out = winners + place * w->channels + c0;
            if (w->channels - c0 >= BLOCK) {
                find_winner(work, place, image, c0, BLOCK, out, half);
            } else {
                find_winner(work, place, image, c0, w->channels - c0, out, half);
            }
        }
}

/// The first window along an axis that reaches a cell, and the one behind the last.
INLINE void reaching(int64_t cell, int64_t window, int64_t stride, int64_t pad, int64_t count,
                     int64_t *first, int64_t *end) {
    const int64_t from = cell + pad - window + 1;
    *first = from <= 0 ? 0 : (from + stride - 1) / stride;
    *end = limited((cell + pad) / stride + 1, 0, count);
}

/// The windows that reach a cell.
typedef struct {
    int64_t y, x, top, bottom, left, right;
} reach;

/// What a cell gathers from the windows that it won, for `count` channels.
INLINE void gather_won(const pool *work, const reach *r, int64_t results, const uint16_t *winners,
                       int64_t c0, const int64_t count, int64_t to, const int half) {
    const distill_window *w = work->window;
    float sum[BLOCK];
    for (int64_t c = 0; c < count; c++) sum[c] = 0;
    for (int64_t oy = r->top; oy < r->bottom; oy++)
        for (int64_t ox = r->left; ox < r->right; ox++) {
            const int64_t place = (oy * w->out_width + ox) * w->channels + c0;
            const int64_t down = r->y + w->pad_top - oy * w->stride[0];
            const uint16_t tap = (uint16_t)(down * w->window[1] + r->x + w->pad_left - ox * w->stride[1]);
            const uint16_t *winner = winners + place;
            for (int64_t c = 0; c < count; c++) {
                const float g = get(work->g, results + place + c, half);
                sum[c] += winner[c] == tap ? g : 0.0f;
            }
        }
    for (int64_t c = 0; c < count; c++) put(work->out, to + c, sum[c], half);
}

/// Each cell gathers from the windows that it won.
INLINE void maximum_pool_gradient(const pool_gradient *gradient, int64_t begin, int64_t end, int thread,
                                  const int half) {
    const pool *work = &gradient->pool;
    const distill_window *w = work->window;
    const int64_t size = w->height * w->width * w->channels;
    const int64_t results = w->out_height * w->out_width * w->channels;
    uint16_t *winners = gradient->winners + thread * results;
    for (int64_t n = begin; n < end; n++) {
        find_winners(work, n * size, winners, half);
        for (int64_t cell = 0; cell < w->height * w->width; cell++) {
            reach r = {.y = cell / w->width, .x = cell % w->width};
            reaching(r.y, w->window[0], w->stride[0], w->pad_top, w->out_height, &r.top, &r.bottom);
            reaching(r.x, w->window[1], w->stride[1], w->pad_left, w->out_width, &r.left, &r.right);
            for (int64_t c0 = 0; c0 < w->channels; c0 += BLOCK) {
                const int64_t to = n * size + cell * w->channels + c0;
                if (w->channels - c0 >= BLOCK) {
                    gather_won(work, &r, n * results, winners, c0, BLOCK, to, half);
                } else {
                    gather_won(work, &r, n * results, winners, c0, w->channels - c0, to, half);
                }
            }
        }
    }
}

FOR_BOTH(maximum_pool_gradient)

void distill_maximum_pool_gradient(const distill_window *w, int half, const void *x, const void *g,
                                   void *dx, void *scratch) {
    pool_gradient work = {{w, x, g, dx, 0}, scratch};
    distill_parallel(w->batch, 1, 1, half ? half_maximum_pool_gradient_part : maximum_pool_gradient_part,
                     &work);
}

/// One over the number of cells that an average counts.
INLINE float share(const distill_window *w, taps t, int64_t oy, int64_t ox, int counts_padding) {
    if (!counts_padding) {
        const int64_t cells = (t.bottom - t.top) * (t.right - t.left);
        return cells > 0 ? 1.0f / (float)cells : 0.0f;
    }
    const int64_t y = oy * w->stride[0] - w->pad_top, x = ox * w->stride[1] - w->pad_left;
    const int64_t bottom = limited(y + w->window[0], y, w->height + w->pad_bottom);
    const int64_t right = limited(x + w->window[1], x, w->width + w->pad_right);
    return 1.0f / (float)((bottom - y) * (right - x));
}

CLONES_PART(average_pool_part) {
    (void)thread;
    const pool *work = context;
    const distill_window *w = work->window;
    for (int64_t row = begin; row < end; row++) {
        const int64_t n = row / w->out_height, oy = row % w->out_height;
        const float *image = (const float *)work->x + n * w->height * w->width * w->channels;
        for (int64_t ox = 0; ox < w->out_width; ox++) {
            const taps t = inside(w, oy, ox);
            const float scale = share(w, t, oy, ox, work->counts_padding);
            float *out = (float *)work->out + (row * w->out_width + ox) * w->channels;
            memset(out, 0, (size_t)w->channels * sizeof *out);
            for (int64_t y = t.top; y < t.bottom; y++)
                for (int64_t x = t.left; x < t.right; x++) {
                    const float *tap = image + (y * w->width + x) * w->channels;
                    for (int64_t c = 0; c < w->channels; c++) out[c] += tap[c];
                }
            for (int64_t c = 0; c < w->channels; c++) out[c] *= scale;
        }
    }
}

void distill_average_pool(const distill_window *w, int counts_padding, const float *x, float *y) {
    pool work = {w, x, 0, y, counts_padding};
    distill_parallel(w->batch * w->out_height, 1, 4096 / (w->out_width * w->channels) + 1,
                     average_pool_part, &work);
}

CLONES_PART(average_pool_gradient_part) {
    (void)thread;
    const pool *work = context;
    const distill_window *w = work->window;
    const int64_t size = w->height * w->width * w->channels;
    for (int64_t n = begin; n < end; n++) {
        float *out = (float *)work->out + n * size;
        memset(out, 0, (size_t)size * sizeof *out);
        for (int64_t oy = 0; oy < w->out_height; oy++)
            for (int64_t ox = 0; ox < w->out_width; ox++) {
                const taps t = inside(w, oy, ox);
                const float scale = share(w, t, oy, ox, work->counts_padding);
                const float *g =
                    (const float *)work->g + ((n * w->out_height + oy) * w->out_width + ox) * w->channels;
                for (int64_t y = t.top; y < t.bottom; y++)
                    for (int64_t x = t.left; x < t.right; x++) {
                        float *to = out + (y * w->width + x) * w->channels;
                        for (int64_t c = 0; c < w->channels; c++) to[c] += scale * g[c];
                    }
            }
    }
}

void distill_average_pool_gradient(const distill_window *w, int counts_padding, const float *g,
                                   float *dx) {
    pool work = {w, 0, g, dx, counts_padding};
    distill_parallel(w->batch, 1, 1, average_pool_gradient_part, &work);
}
