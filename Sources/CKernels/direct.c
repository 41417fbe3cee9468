#include "CKernelsDirect.h"

#include "pairs.h"

/// Where the window of a result begins in the images, which may be outside of its own.
typedef struct {
    int64_t start;
    int32_t y, x;
} window;

// What a thread's part of image and panel may take of its own cache.
#define CACHE (384 * 1024)

/// Results that a thread takes at a time.
static int64_t unit_of(const distill_direct *w) {
    const int64_t down = w->kernel[0] < w->stride[0] ? w->kernel[0] : w->stride[0];
    const int64_t right = w->kernel[1] < w->stride[1] ? w->kernel[1] : w->stride[1];
    // What a result reads anew, and its part of a panel. All of it stays in the cache while weights pass by, once for
    // each unit: the more results, the less often.
    const int64_t row = 2 * (w->inputs * down * right + PANEL);
    const int64_t most = CACHE / row > 16 * ROWS ? CACHE / row : 16 * ROWS;
    return block_unit(w->batch * w->out_height * w->out_width, most);
}

/// Bytes of the zeros that windows read outside of the images.
static int64_t zero_bytes(const distill_direct *w) { return (2 * w->inputs + 63) / 64 * 64; }

int64_t distill_direct_scratch(const distill_direct *work) {
    return zero_bytes(work) + distill_thread_count() * unit_of(work) * (int64_t)sizeof(window);
}

#if defined(__x86_64__)
typedef struct {
    const distill_direct *work;
    const uint16_t *image;
    const uint32_t *weights;
    const float *bias;
    const uint16_t *residual;
    float low;
    uint16_t *result;
    // What windows read outside of the images.
    const uint16_t *zeros;
    int64_t panels, words, rows, unit;
    // Of each thread's unit.
    window *windows;
} convolution;

/// What each result reads through a cell of the kernel.
PAIRS_INLINE void look(const convolution *c, const window *at, int rows, int64_t down, int64_t right,
                       const uint16_t *left[ROWS]) {
    const distill_direct *w = c->work;
    const int64_t y = down * w->dilation[0], x = right * w->dilation[1];
    const int64_t offset = (y * w->width + x) * w->inputs;
    for (int r = 0; r < rows; r++) {
        // What is negative is very large.
        const int inside =
            (uint64_t)(at[r].y + y) < (uint64_t)w->height && (uint64_t)(at[r].x + x) < (uint64_t)w->width;
        left[r] = inside ? c->image + at[r].start + offset : c->zeros;
    }
}

/// A few results of a panel of outputs.
PAIRS_INLINE void multiply(const convolution *c, const window *at, const uint32_t *weights, const float *bias,
                           uint16_t *out, int rows, int vectors) {
    const distill_direct *w = c->work;
    block_sums sum;
    start_sums(sum, rows, vectors, bias);
    const uint16_t *residual = c->residual ? c->residual + (out - c->result) : NULL;
    if (residual)
        for (int r = 0; r < rows; r++)
            for (int v = 0; v < vectors; v += 2)
                _mm_prefetch((const char *)(residual + r * w->outputs + 16 * v), _MM_HINT_T0);
    for (int64_t down = 0; down < w->kernel[0]; down++)
        for (int64_t right = 0; right < w->kernel[1]; right++, weights += c->panels * c->words * PANEL) {
            const uint16_t *left[ROWS];
            look(c, at, rows, down, right, left);
            add_pairs(sum, rows, vectors, left, weights, c->words);
        }
    if (residual)
        for (int r = 0; r < rows; r++)
            for (int v = 0; v < vectors; v++)
                sum[r][v] = _mm512_add_ps(sum[r][v], widen(residual + r * w->outputs + 16 * v));
    store_sums(sum, rows, vectors, c->low, out, w->outputs);
}

#define BLOCK_OF(rows, vectors)                                                                       \
    PAIRS static void block_##rows##_##vectors(const convolution *c, const window *at,                \
                                               const uint32_t *weights, const float *bias, uint16_t *out) { \
        multiply(c, at, weights, bias, out, rows, vectors);                                           \
    }
EACH_BLOCK(BLOCK_OF)

typedef void block(const convolution *c, const window *at, const uint32_t *weights, const float *bias,
                   uint16_t *out);
static block *const blocks[2][ROWS] = BLOCK_TABLE;

/// The windows of neighbouring results.
static void place(const convolution *c, int64_t row, int64_t count, window *at) {
    const distill_direct *w = c->work;
    int64_t x = row % w->out_width, y = row / w->out_width % w->out_height;
    int64_t image = row / (w->out_width * w->out_height);
    for (int64_t r = 0; r < count; r++) {
        const int64_t top = y * w->stride[0] - w->pad_top, left = x * w->stride[1] - w->pad_left;
        at[r].y = (int32_t)top;
        at[r].x = (int32_t)left;
        at[r].start = ((image * w->height + top) * w->width + left) * w->inputs;
        if (++x < w->out_width) continue;
        x = 0;
        if (++y < w->out_height) continue;
        y = 0;
        image++;
    }
}

static void convolve_part(void *context, int64_t begin, int64_t end, int thread) {
    const convolution *c = context;
    window *windows = c->windows + thread * c->unit;
    const int64_t outputs = c->work->outputs;
    for (int64_t first = begin; first < end; first += c->unit) {
        const int64_t stop = end - first < c->unit ? end : first + c->unit;
        place(c, first, stop - first, windows);
        for (int64_t panel = 0; panel < c->panels; panel++) {
            const int64_t column = panel * PANEL;
            const uint32_t *weights = c->weights + panel * c->words * PANEL;
            // A panel of 32 or 64; 96 outputs are one of each.
            block *const *chosen = blocks[outputs - column >= PANEL];
            for (int64_t row = first; row < stop; row += ROWS) {
                const int64_t count = stop - row < ROWS ? stop - row : ROWS;
                chosen[count - 1](c, windows + (row - first), weights, c->bias ? c->bias + column : NULL,
                                  c->result + row * outputs + column);
            }
        }
    }
}

void distill_direct_run(const distill_direct *work, const void *image, const void *weights, const float *bias,
                        const void *residual, float low, void *result, void *scratch) {
    const distill_direct *w = work;
    convolution c = {.work = w, .image = image, .weights = weights, .bias = bias, .residual = residual, .low = low,
                     .result = result, .zeros = scratch, .panels = (w->outputs + PANEL - 1) / PANEL,
                     .words = w->inputs / 2, .rows = w->batch * w->out_height * w->out_width, .unit = unit_of(w),
                     .windows = (window *)((uint8_t *)scratch + zero_bytes(w))};
    memset(scratch, 0, (size_t)zero_bytes(w));
    distill_parallel(c.rows, ROWS, 1, convolve_part, &c);
}
#else
void distill_direct_run(const distill_direct *work, const void *image, const void *weights, const float *bias,
                        const void *residual, float low, void *result, void *scratch) {
    (void)work, (void)image, (void)weights, (void)bias, (void)residual, (void)low, (void)result, (void)scratch;
    __builtin_trap();
}
#endif
