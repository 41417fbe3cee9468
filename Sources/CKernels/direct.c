#include "CKernelsDirect.h"

#include "pairs.h"

int64_t distill_direct_scratch(const distill_direct *work) {
    return work->inputs * (int64_t)sizeof(uint16_t);
}

#if defined(__x86_64__)
typedef struct {
    const distill_direct *work;
    const uint16_t *image;
    const uint32_t *weights;
    const float *bias;
    int adds;
    float low;
    uint16_t *result;
    // What windows read outside of the image.
    const uint16_t *zeros;
    int64_t panels, words, rows, unit;
} convolution;

/// A few neighbouring results: where they begin in the image, in rows and columns, and whose image it is.
typedef struct {
    int64_t y[ROWS], x[ROWS];
    const uint16_t *image[ROWS];
} window;

/// What each result reads through a cell of the kernel.
PAIRS_INLINE void look(const convolution *c, const window *at, int rows, int64_t down, int64_t right,
                       const uint16_t *left[ROWS]) {
    const distill_direct *w = c->work;
    for (int r = 0; r < rows; r++) {
        const int64_t y = at->y[r] + down * w->dilation[0], x = at->x[r] + right * w->dilation[1];
        const int inside = y >= 0 && y < w->height && x >= 0 && x < w->width;
        left[r] = inside ? at->image[r] + (y * w->width + x) * w->inputs : c->zeros;
    }
}

/// A few results of a panel of outputs.
PAIRS_INLINE void multiply(const convolution *c, const window *at, const uint32_t *weights, const float *bias,
                           uint16_t *out, int rows, int vectors) {
    const distill_direct *w = c->work;
    block_sums sum;
    start_sums(sum, rows, vectors, bias);
    if (c->adds)
        for (int r = 0; r < rows; r++)
            for (int v = 0; v < vectors; v += 2)
                _mm_prefetch((const char *)(out + r * w->outputs + 16 * v), _MM_HINT_T0);
    for (int64_t down = 0; down < w->kernel[0]; down++)
        for (int64_t right = 0; right < w->kernel[1]; right++, weights += c->panels * c->words * PANEL) {
            const uint16_t *left[ROWS];
            look(c, at, rows, down, right, left);
            add_pairs(sum, rows, vectors, left, weights, c->words);
        }
    if (c->adds)
        for (int r = 0; r < rows; r++)
            for (int v = 0; v < vectors; v++)
                sum[r][v] = _mm512_add_ps(sum[r][v], widen(out + r * w->outputs + 16 * v));
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

static void place(const convolution *c, int64_t row, int64_t count, window *at) {
    const distill_direct *w = c->work;
    int64_t x = row % w->out_width, y = row / w->out_width % w->out_height;
    int64_t image = row / (w->out_width * w->out_height);
    for (int64_t r = 0; r < count; r++) {
        at->y[r] = y * w->stride[0] - w->pad_top;
        at->x[r] = x * w->stride[1] - w->pad_left;
        at->image[r] = c->image + image * w->height * w->width * w->inputs;
        if (++x < w->out_width) continue;
        x = 0;
        if (++y < w->out_height) continue;
        y = 0;
        image++;
    }
}

static void convolve_part(void *context, int64_t begin, int64_t end, int thread) {
    (void)thread;
    const convolution *c = context;
    const int64_t outputs = c->work->outputs;
    for (int64_t unit = begin; unit < end; unit++) {
        const int64_t first = unit * c->unit, stop = first + c->unit < c->rows ? first + c->unit : c->rows;
        for (int64_t panel = 0; panel < c->panels; panel++) {
            const int64_t column = panel * PANEL;
            const uint32_t *weights = c->weights + panel * c->words * PANEL;
            // A panel of 32 or 64; 96 outputs are one of each.
            block *const *chosen = blocks[outputs - column >= PANEL];
            for (int64_t row = first; row < stop; row += ROWS) {
                const int64_t count = stop - row < ROWS ? stop - row : ROWS;
                window at;
                place(c, row, count, &at);
                chosen[count - 1](c, &at, weights, c->bias ? c->bias + column : NULL,
                                  c->result + row * outputs + column);
            }
        }
    }
}

// What a thread's part of image and result may take of its own cache.
#define CACHE (384 * 1024)

void distill_direct_run(const distill_direct *work, const void *image, const void *weights, const float *bias,
                        int adds, float low, void *result, void *scratch) {
    const distill_direct *w = work;
    memset(scratch, 0, (size_t)distill_direct_scratch(w));
    convolution c = {w, image, weights, bias, adds, low, result, scratch, (w->outputs + PANEL - 1) / PANEL,
                     w->inputs / 2, w->batch * w->out_height * w->out_width, 0};
    const int64_t row = 2 * (w->inputs * w->stride[0] * w->stride[1] + w->outputs);
    const int64_t most = CACHE / row > 16 * ROWS ? CACHE / row : 16 * ROWS;
    // Of whole register blocks.
    c.unit = (even_unit(c.rows, most) + ROWS - 1) / ROWS * ROWS;
    distill_parallel((c.rows + c.unit - 1) / c.unit, 1, 1, convolve_part, &c);
}
#else
void distill_direct_run(const distill_direct *work, const void *image, const void *weights, const float *bias,
                        int adds, float low, void *result, void *scratch) {
    (void)work, (void)image, (void)weights, (void)bias, (void)adds, (void)low, (void)result, (void)scratch;
    __builtin_trap();
}
#endif
