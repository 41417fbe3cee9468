#include "CKernelsDirect.h"

#include <string.h>

#include "CKernelsParallel.h"
#include "CKernelsProducts.h"

#define PANEL DISTILL_PANEL
// Results of a register block.
#define ROWS 6

int64_t distill_direct_scratch(const distill_direct *work) {
    return work->inputs * (int64_t)sizeof(uint16_t);
}

#if defined(__x86_64__)
#include <immintrin.h>
#define PAIRS __attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512bf16")))

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
static inline __attribute__((always_inline)) void look(const convolution *c, const window *at, int rows, int64_t down,
                                                       int64_t right, const uint32_t *left[ROWS]) {
    const distill_direct *w = c->work;
    for (int r = 0; r < rows; r++) {
        const int64_t y = at->y[r] + down * w->dilation[0], x = at->x[r] + right * w->dilation[1];
        const int inside = y >= 0 && y < w->height && x >= 0 && x < w->width;
        left[r] = (const uint32_t *)(inside ? at->image[r] + (y * w->width + x) * w->inputs : c->zeros);
    }
}

#define BLOCK_OF(rows, vectors)                                                                       \
    PAIRS static void block_##rows##_##vectors(const convolution *c, const window *at,                \
                                               const uint32_t *weights, const float *bias, uint16_t *out) { \
        const distill_direct *w = c->work;                                                            \
        __m512 sum[rows][vectors];                                                                    \
        for (int v = 0; v < vectors; v++) {                                                           \
            const __m512 start = bias ? _mm512_loadu_ps(bias + 16 * v) : _mm512_setzero_ps();         \
            for (int r = 0; r < rows; r++) sum[r][v] = start;                                         \
        }                                                                                             \
        if (c->adds)                                                                                  \
            for (int r = 0; r < rows; r++)                                                            \
                for (int v = 0; v < vectors; v += 2)                                                  \
                    _mm_prefetch((const char *)(out + r * w->outputs + 16 * v), _MM_HINT_T0);         \
        for (int64_t down = 0; down < w->kernel[0]; down++)                                           \
            for (int64_t right = 0; right < w->kernel[1]; right++) {                                  \
                const uint32_t *left[ROWS], *b = weights;                                             \
                look(c, at, rows, down, right, left);                                                 \
                for (int64_t k = 0; k < c->words; k++, b += PANEL) {                                  \
                    __m512bh column[vectors];                                                         \
                    for (int v = 0; v < vectors; v++)                                                 \
                        column[v] = (__m512bh)_mm512_loadu_si512(b + 16 * v);                         \
                    for (int r = 0; r < rows; r++) {                                                  \
                        const __m512bh a = (__m512bh)_mm512_set1_epi32((int)left[r][k]);              \
                        for (int v = 0; v < vectors; v++)                                             \
                            sum[r][v] = _mm512_dpbf16_ps(sum[r][v], a, column[v]);                    \
                    }                                                                                 \
                }                                                                                     \
                weights += c->panels * c->words * PANEL;                                              \
            }                                                                                         \
        const __m512 low = _mm512_set1_ps(c->low);                                                    \
        for (int r = 0; r < rows; r++, out += w->outputs) {                                           \
            if (c->adds)                                                                              \
                for (int v = 0; v < vectors; v++) {                                                   \
                    const __m512i before =                                                            \
                        _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(out + 16 * v)));   \
                    sum[r][v] =                                                                       \
                        _mm512_add_ps(sum[r][v], _mm512_castsi512_ps(_mm512_slli_epi32(before, 16))); \
                }                                                                                     \
            for (int v = 0; v < vectors; v += 2)                                                      \
                _mm512_storeu_si512(out + 16 * v, (__m512i)_mm512_cvtne2ps_pbh(                       \
                                                      _mm512_max_ps(low, sum[r][v + 1]),              \
                                                      _mm512_max_ps(low, sum[r][v])));                \
        }                                                                                             \
    }

BLOCK_OF(1, 4)
BLOCK_OF(2, 4)
BLOCK_OF(3, 4)
BLOCK_OF(4, 4)
BLOCK_OF(5, 4)
BLOCK_OF(6, 4)
BLOCK_OF(1, 2)
BLOCK_OF(2, 2)
BLOCK_OF(3, 2)
BLOCK_OF(4, 2)
BLOCK_OF(5, 2)
BLOCK_OF(6, 2)

typedef void block(const convolution *c, const window *at, const uint32_t *weights, const float *bias,
                   uint16_t *out);

static block *const blocks[2][ROWS] = {
    {block_1_2, block_2_2, block_3_2, block_4_2, block_5_2, block_6_2},
    {block_1_4, block_2_4, block_3_4, block_4_4, block_5_4, block_6_4},
};

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
    // As few equal units as fit, the same number for each thread, of whole register blocks.
    const int64_t row = 2 * (w->inputs * w->stride[0] * w->stride[1] + w->outputs);
    const int64_t most = CACHE / row > 16 * ROWS ? CACHE / row : 16 * ROWS, threads = distill_thread_count();
    const int64_t rounds = (c.rows + threads * most - 1) / (threads * most);
    const int64_t even = (c.rows + threads * rounds - 1) / (threads * rounds);
    c.unit = (even + ROWS - 1) / ROWS * ROWS;
    distill_parallel((c.rows + c.unit - 1) / c.unit, 1, 1, convolve_part, &c);
}
#else
void distill_direct_run(const distill_direct *work, const void *image, const void *weights, const float *bias,
                        int adds, float low, void *result, void *scratch) {
    (void)work, (void)image, (void)weights, (void)bias, (void)adds, (void)low, (void)result, (void)scratch;
    __builtin_trap();
}
#endif
