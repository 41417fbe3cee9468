#include "CKernelsNarrow.h"

#include "bfloat.h"
#include "pairs.h"

// Rows of results that a thread takes at a time.
#define STRIP 8

/// Pairs of a window's row.
static int64_t words_of(const distill_narrow *w) { return (w->kernel[1] * w->inputs + 1) / 2; }

static int64_t panels_of(const distill_narrow *w) { return (w->outputs + PANEL - 1) / PANEL; }

int64_t distill_narrow_weight_bytes(const distill_narrow *work) {
    return panels_of(work) * work->kernel[0] * words_of(work) * PANEL * (int64_t)sizeof(uint32_t);
}

void distill_narrow_pack(const distill_narrow *work, const float *weights, void *packed) {
    const distill_narrow *w = work;
    const int64_t length = w->kernel[1] * w->inputs, words = words_of(w);
    memset(packed, 0, (size_t)distill_narrow_weight_bytes(w));
    for (int64_t output = 0; output < w->outputs; output++)
        for (int64_t down = 0; down < w->kernel[0]; down++) {
            const float *row = weights + (output * w->kernel[0] + down) * length;
            uint16_t *out = (uint16_t *)packed +
                            2 * (((output / PANEL * w->kernel[0] + down) * words) * PANEL + output % PANEL);
            for (int64_t k = 0; k < length; k++) out[k / 2 * 2 * PANEL + k % 2] = to_bfloat(row[k]);
        }
}

/// Values of a padded row of the image: what its last window reads, the end of its last pair included.
static int64_t padded_row(const distill_narrow *w) {
    return ((w->out_width - 1) * w->stride[1] + w->kernel[1]) * w->inputs + 1;
}

static int64_t padded_rows(const distill_narrow *w) { return (STRIP - 1) * w->stride[0] + w->kernel[0]; }

static int64_t strip_bytes(const distill_narrow *w) {
    return (padded_rows(w) * padded_row(w) * (int64_t)sizeof(uint16_t) + 63) / 64 * 64;
}

int64_t distill_narrow_scratch(const distill_narrow *work) { return strip_bytes(work) * distill_thread_count(); }

#if defined(__x86_64__)
typedef struct {
    const distill_narrow *work;
    const uint16_t *image;
    const uint32_t *weights;
    const float *bias;
    float low;
    uint16_t *result;
    uint8_t *scratch;
    int64_t words, strips;
} convolution;

/// A few results of a row and a panel of outputs.
PAIRS_INLINE void multiply(const convolution *c, const uint16_t *window, const uint32_t *weights, const float *bias,
                           uint16_t *out, int rows, int vectors) {
    const distill_narrow *w = c->work;
    block_sums sum;
    start_sums(sum, rows, vectors, bias);
    for (int64_t down = 0; down < w->kernel[0]; down++, window += padded_row(w), weights += c->words * PANEL) {
        const uint16_t *left[ROWS];
        for (int r = 0; r < rows; r++) left[r] = window + r * w->stride[1] * w->inputs;
        add_pairs(sum, rows, vectors, left, weights, c->words);
    }
    store_sums(sum, rows, vectors, c->low, out, w->outputs);
}

#define BLOCK_OF(rows, vectors)                                                                       \
    PAIRS static void block_##rows##_##vectors(const convolution *c, const uint16_t *window,          \
                                               const uint32_t *weights, const float *bias, uint16_t *out) { \
        multiply(c, window, weights, bias, out, rows, vectors);                                       \
    }
EACH_BLOCK(BLOCK_OF)

typedef void block(const convolution *c, const uint16_t *window, const uint32_t *weights, const float *bias,
                   uint16_t *out);
static block *const blocks[2][ROWS] = BLOCK_TABLE;

/// Copies what a strip of results reads, with zeros around the image.
static void pad(const convolution *c, int64_t image, int64_t first, int64_t rows, uint16_t *out) {
    const distill_narrow *w = c->work;
    const int64_t row = padded_row(w), wanted = (rows - 1) * w->stride[0] + w->kernel[0];
    const int64_t length = w->width * w->inputs;
    // Windows may read nothing but padding.
    const int64_t left = w->pad_left * w->inputs < row ? w->pad_left * w->inputs : row;
    const int64_t copied = row - left < length ? row - left : length;
    const uint16_t *in = c->image + image * w->height * length;
    for (int64_t k = 0; k < wanted; k++, out += row) {
        const int64_t y = first * w->stride[0] - w->pad_top + k;
        if (y < 0 || y >= w->height) {
            memset(out, 0, (size_t)row * sizeof *out);
            continue;
        }
        memset(out, 0, (size_t)left * sizeof *out);
        memcpy(out + left, in + y * length, (size_t)copied * sizeof *out);
        memset(out + left + copied, 0, (size_t)(row - left - copied) * sizeof *out);
    }
}

static void convolve_part(void *context, int64_t begin, int64_t end, int thread) {
    const convolution *c = context;
    const distill_narrow *w = c->work;
    const int64_t row = padded_row(w), panels = panels_of(w);
    uint16_t *own = (uint16_t *)(c->scratch + thread * strip_bytes(w));
    for (int64_t strip = begin; strip < end; strip++) {
        const int64_t image = strip / c->strips, first = strip % c->strips * STRIP;
        const int64_t rows = w->out_height - first < STRIP ? w->out_height - first : STRIP;
        pad(c, image, first, rows, own);
        for (int64_t panel = 0; panel < panels; panel++) {
            const int64_t column = panel * PANEL;
            const uint32_t *weights = c->weights + panel * w->kernel[0] * c->words * PANEL;
            block *const *chosen = blocks[w->outputs - column >= PANEL];
            for (int64_t y = 0; y < rows; y++)
                for (int64_t x = 0; x < w->out_width; x += ROWS) {
                    const int64_t count = w->out_width - x < ROWS ? w->out_width - x : ROWS;
                    const int64_t cell = (image * w->out_height + first + y) * w->out_width + x;
                    chosen[count - 1](c, own + y * w->stride[0] * row + x * w->stride[1] * w->inputs, weights,
                                      c->bias ? c->bias + column : NULL, c->result + cell * w->outputs + column);
                }
        }
    }
}

void distill_narrow_run(const distill_narrow *work, const void *image, const void *packed, const float *bias,
                        float low, void *result, void *scratch) {
    convolution c = {work, image, packed, bias, low, result, scratch, words_of(work),
                     (work->out_height + STRIP - 1) / STRIP};
    distill_parallel(work->batch * c.strips, 1, 1, convolve_part, &c);
}
#else
void distill_narrow_run(const distill_narrow *work, const void *image, const void *packed, const float *bias,
                        float low, void *result, void *scratch) {
    (void)work, (void)image, (void)packed, (void)bias, (void)low, (void)result, (void)scratch;
    __builtin_trap();
}
#endif
