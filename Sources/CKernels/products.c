#include "CKernelsProducts.h"

#include <string.h>

#include "CKernelsParallel.h"
#include "bfloat.h"
#include "clones.h"
#include "pairs.h"

#define TILE DISTILL_TILE

typedef struct {
    const distill_products *work;
    const uint32_t *left, *right;
    void *result;
    int half;
    // Rows that one thread takes at a time, a multiple of the tile.
    int64_t stripe;
} multiplication;

// MARK: A block that stays in registers over all of its products

#if defined(__x86_64__)
#define BLOCK_OF(rows, vectors)                                                                     \
    PAIRS static void block_##rows##_##vectors(const multiplication *m, const distill_product_sum *s, \
                                               const uint32_t *lefts, const uint32_t *rights,       \
                                               int64_t at, int64_t column) {                        \
        const distill_products *w = m->work;                                                        \
        __m512 sum[rows][vectors];                                                                  \
        for (int r = 0; r < rows; r++)                                                              \
            for (int v = 0; v < vectors; v++) sum[r][v] = _mm512_setzero_ps();                      \
        for (int64_t p = s->first; p < s->first + s->count; p++) {                                  \
            const uint32_t *left = lefts + w->products[p].left;                                     \
            const uint32_t *right = rights + w->products[p].right;                                  \
            for (int64_t k = 0; k < w->products[p].steps; k++) {                                    \
                __m512bh b[vectors];                                                                \
                for (int v = 0; v < vectors; v++) b[v] = (__m512bh)_mm512_loadu_si512(right + 16 * v); \
                for (int r = 0; r < rows; r++) {                                                    \
                    const __m512bh a = (__m512bh)_mm512_set1_epi32((int)left[r * w->left_row]);     \
                    for (int v = 0; v < vectors; v++) sum[r][v] = _mm512_dpbf16_ps(sum[r][v], a, b[v]); \
                }                                                                                   \
                left += w->left_step;                                                               \
                right += PANEL;                                                                     \
            }                                                                                       \
        }                                                                                           \
        for (int r = 0; r < rows; r++)                                                              \
            for (int v = 0; v < vectors; v++) {                                                     \
                const int64_t to = at + r * w->result_row + 16 * v;                                 \
                if (w->bias) sum[r][v] += _mm512_loadu_ps(w->bias + column + 16 * v);               \
                sum[r][v] = _mm512_max_ps(_mm512_set1_ps(w->low), sum[r][v]);                       \
                if (m->half) {                                                                      \
                    const __m256i narrow = (__m256i)_mm512_cvtneps_pbh(sum[r][v]);                  \
                    _mm256_storeu_si256((__m256i *)((uint16_t *)m->result + to), narrow);           \
                } else {                                                                            \
                    _mm512_storeu_ps((float *)m->result + to, sum[r][v]);                           \
                }                                                                                   \
            }                                                                                       \
    }

BLOCK_OF(4, 4)
BLOCK_OF(1, 4)
BLOCK_OF(4, 1)
BLOCK_OF(1, 1)

static void multiply_panel(const multiplication *m, const distill_product_sum *s, int64_t panel,
                           int64_t begin, int64_t end) {
    const distill_products *w = m->work;
    const int64_t first = panel * PANEL, columns = w->columns - first < PANEL ? w->columns - first : PANEL;
    for (int64_t row = begin; row < end; row += TILE) {
        const int64_t rows = end - row < TILE ? end - row : TILE;
        const uint32_t *left = m->left + row / TILE * w->left_tile;
        const uint32_t *right = m->right + panel * w->right_panel;
        const int64_t at = s->result + row * w->result_row + first;
        for (int64_t column = 0; column < columns; column += columns == PANEL ? PANEL : 16)
            for (int64_t r = 0; r < rows; r += rows == TILE ? TILE : 1) {
                const uint32_t *a = left + r * w->left_row, *b = right + column;
                const int64_t to = at + r * w->result_row + column;
                if (rows == TILE && columns == PANEL) {
                    block_4_4(m, s, a, b, to, first + column);
                } else if (columns == PANEL) {
                    block_1_4(m, s, a, b, to, first + column);
                } else if (rows == TILE) {
                    block_4_1(m, s, a, b, to, first + column);
                } else {
                    block_1_1(m, s, a, b, to, first + column);
                }
            }
    }
}
#endif

/// The same without the processor's help.
CLONES(void, multiply_panel_plainly,
       (const multiplication *m, const distill_product_sum *s, int64_t panel, int64_t begin, int64_t end),
       (m, s, panel, begin, end)) {
    const distill_products *w = m->work;
    const int64_t first = panel * PANEL, columns = w->columns - first < PANEL ? w->columns - first : PANEL;
    for (int64_t row = begin; row < end; row++) {
        float sum[PANEL] = {0};
        for (int64_t p = s->first; p < s->first + s->count; p++) {
            const uint32_t *left = m->left + w->products[p].left + row / TILE * w->left_tile +
                                   row % TILE * w->left_row;
            const uint32_t *right = m->right + w->products[p].right + panel * w->right_panel;
            for (int64_t k = 0; k < w->products[p].steps; k++) {
                const uint32_t a = left[k * w->left_step];
                const float low = from_bfloat((uint16_t)a), high = from_bfloat((uint16_t)(a >> 16));
                for (int64_t c = 0; c < columns; c++) {
                    const uint32_t b = right[k * PANEL + c];
                    sum[c] += low * from_bfloat((uint16_t)b) + high * from_bfloat((uint16_t)(b >> 16));
                }
            }
        }
        const int64_t to = s->result + row * w->result_row + first;
        for (int64_t c = 0; c < columns; c++) {
            if (w->bias) sum[c] += w->bias[first + c];
            if (sum[c] < w->low) sum[c] = w->low;
            if (m->half) {
                ((uint16_t *)m->result)[to + c] = to_bfloat(sum[c]);
            } else {
                ((float *)m->result)[to + c] = sum[c];
            }
        }
    }
}

static void multiply_part(void *context, int64_t begin, int64_t end, int thread) {
    (void)thread;
    const multiplication *m = context;
#if defined(__x86_64__)
    const int helped = distill_processor_has("avx512bf16");
#endif
    const int64_t stripes = (m->work->rows + m->stripe - 1) / m->stripe;
    for (int64_t k = begin; k < end; k++) {
        // All that is summed in a panel one after another, because it shares much of the right operand.
        const int64_t panel = k / (m->work->sum_count * stripes);
        const distill_product_sum *s = &m->work->sums[k / stripes % m->work->sum_count];
        const int64_t row = k % stripes * m->stripe;
        const int64_t stop = row + m->stripe < m->work->rows ? row + m->stripe : m->work->rows;
#if defined(__x86_64__)
        if (helped) {
            multiply_panel(m, s, panel, row, stop);
            continue;
        }
#endif
        multiply_panel_plainly(m, s, panel, row, stop);
    }
}

void distill_multiply_pairs(const distill_products *work, const void *left, const void *right, int half,
                            void *result) {
    const int64_t panels = (work->columns + PANEL - 1) / PANEL;
    // So many pieces that threads share them evenly.
    const int64_t wanted = 16 * distill_thread_count() / (panels * work->sum_count) + 1;
    const int64_t tiles = (work->rows + TILE - 1) / TILE;
    multiplication m = {work, left, right, result, half, (tiles + wanted - 1) / wanted * TILE};
    const int64_t stripes = (work->rows + m.stripe - 1) / m.stripe;
    distill_parallel(panels * work->sum_count * stripes, 1, 1, multiply_part, &m);
}

// MARK: Packing

typedef struct {
    int64_t rows, blocks, columns, panels;
    const void *in;
    void *out;
} packing;

INLINE int64_t width_of(int64_t panel, int64_t count) {
    return count - panel * PANEL < PANEL ? count - panel * PANEL : PANEL;
}

CLONES_PART(pack_weights_part) {
    (void)thread;
    const packing *p = context;
    const int64_t pairs = p->rows / 2;
    for (int64_t k = begin; k < end; k++) {
        const float *low = (const float *)p->in + 2 * k * p->columns, *high = low + p->columns;
        uint32_t *out = (uint32_t *)p->out + (k / pairs * p->panels * pairs + k % pairs) * PANEL;
        for (int64_t panel = 0; panel < p->panels; panel++) {
            const int64_t width = width_of(panel, p->columns);
            for (int64_t c = 0; c < width; c++)
                out[c] = (uint32_t)to_bfloat(low[c]) | (uint32_t)to_bfloat(high[c]) << 16;
            low += PANEL;
            high += PANEL;
            out += pairs * PANEL;
        }
    }
}

void distill_pack_weights(int64_t blocks, int64_t rows, int64_t columns, const float *in, uint32_t *out) {
    packing work = {rows, blocks, columns, (columns + PANEL - 1) / PANEL, in, out};
    distill_parallel(blocks * (rows / 2), 1, 8192 / columns + 1, pack_weights_part, &work);
}

CLONES_PART(pack_images_part) {
    (void)thread;
    const packing *p = context;
    const int64_t pairs = p->rows / 2, stride = p->blocks * p->columns;
    for (int64_t k = begin; k < end; k++) {
        const int64_t block = k / pairs, pair = k % pairs;
        const uint16_t *low = (const uint16_t *)p->in + 2 * pair * stride + block * p->columns;
        uint32_t *out = (uint32_t *)p->out + (block * p->panels * pairs + pair) * PANEL;
        for (int64_t panel = 0; panel < p->panels; panel++) {
            const int64_t width = width_of(panel, p->columns);
            for (int64_t c = 0; c < width; c++) out[c] = (uint32_t)low[c] | (uint32_t)low[c + stride] << 16;
            low += PANEL;
            out += pairs * PANEL;
        }
    }
}

void distill_pack_images(int64_t rows, int64_t blocks, int64_t columns, const uint16_t *in, uint32_t *out) {
    packing work = {rows, blocks, columns, (columns + PANEL - 1) / PANEL, in, out};
    distill_parallel(blocks * (rows / 2), 1, 16384 / columns + 1, pack_images_part, &work);
}

CLONES_PART(tile_images_part) {
    (void)thread;
    const packing *p = context;
    const int64_t pairs = p->rows / 2, stride = p->blocks * p->columns;
    for (int64_t k = begin; k < end; k++) {
        const int64_t block = k / pairs, pair = k % pairs;
        const uint16_t *low = (const uint16_t *)p->in + 2 * pair * stride + block * p->columns;
        uint32_t *out = (uint32_t *)p->out + block * p->columns * pairs + pair * TILE;
        for (int64_t c = 0; c < p->columns; c += TILE, out += pairs * TILE)
            for (int64_t r = 0; r < TILE; r++)
                out[r] = (uint32_t)low[c + r] | (uint32_t)low[c + r + stride] << 16;
    }
}

void distill_tile_images(int64_t rows, int64_t blocks, int64_t columns, const uint16_t *in, uint32_t *out) {
    packing work = {.rows = rows, .blocks = blocks, .columns = columns, .in = in, .out = out};
    distill_parallel(blocks * (rows / 2), 1, 16384 / columns + 1, tile_images_part, &work);
}

static void transpose_images_part(void *context, int64_t begin, int64_t end, int thread) {
    (void)thread;
    const packing *p = context;
    const int64_t stride = p->blocks * p->columns;
    for (int64_t k = begin; k < end; k++) {
        const int64_t block = k / p->columns, column = k % p->columns;
        const uint32_t *in = (const uint32_t *)p->in + k;
        uint32_t *out = (uint32_t *)p->out + (block * p->panels * p->columns + column) * PANEL;
        for (int64_t panel = 0; panel < p->panels; panel++) {
            const int64_t width = width_of(panel, p->rows);
            for (int64_t n = 0; n < width; n++) out[n] = in[n * stride];
            in += PANEL * stride;
            out += p->columns * PANEL;
        }
    }
}

void distill_transpose_images(int64_t rows, int64_t blocks, int64_t columns, const uint32_t *in,
                              uint32_t *out) {
    packing work = {rows, blocks, columns, (rows + PANEL - 1) / PANEL, in, out};
    distill_parallel(blocks * columns, 16, 16384 / rows + 1, transpose_images_part, &work);
}

static void transpose_result_part(void *context, int64_t begin, int64_t end, int thread) {
    (void)thread;
    const packing *p = context;
    for (int64_t n = begin; n < end; n++) {
        const uint16_t *in = (const uint16_t *)p->in + n;
        uint16_t *out = (uint16_t *)p->out + n * p->columns;
        for (int64_t c = 0; c < p->columns; c++) out[c] = in[c * p->rows];
    }
}

void distill_transpose_result(int64_t rows, int64_t columns, const uint16_t *in, uint16_t *out) {
    packing work = {.rows = rows, .columns = columns, .in = in, .out = out};
    distill_parallel(rows, 1, 16384 / columns + 1, transpose_result_part, &work);
}
