#include "CKernelsWinograd.h"

#include "bfloat.h"
#include "pairs.h"

// Places of a transformed tile.
#define PLACES 16

static int64_t panels_of(int64_t outputs) { return (outputs + PANEL - 1) / PANEL; }

int64_t distill_winograd_weight_bytes(int64_t inputs, int64_t outputs) {
    return panels_of(outputs) * PLACES * (inputs / 2) * PANEL * (int64_t)sizeof(uint32_t);
}

// MARK: Weights

typedef struct {
    int64_t inputs, outputs;
    const float *weights;
    uint32_t *out;
} transformation;

/// The channels of a word: of 32 channels the even ones come first, as pairs, then the odd ones, because images are
/// taken apart that way with the fewest instructions.
static int64_t low_channel(int64_t word) {
    const int64_t group = word / 16, place = word % 16;
    return 32 * group + (place < 8 ? 4 * place : 4 * (place - 8) + 1);
}

/// G g G^T of one filter, whose cells are `stride` apart.
static void transform_filter(const float *filter, int64_t stride, float out[PLACES]) {
    float rows[4][3];
    for (int x = 0; x < 3; x++) {
        const float a = filter[x * stride], b = filter[(3 + x) * stride], c = filter[(6 + x) * stride];
        rows[0][x] = a;
        rows[1][x] = 0.5f * (a + b + c);
        rows[2][x] = 0.5f * (a - b + c);
        rows[3][x] = c;
    }
    for (int y = 0; y < 4; y++) {
        const float a = rows[y][0], b = rows[y][1], c = rows[y][2];
        out[4 * y] = a;
        out[4 * y + 1] = 0.5f * (a + b + c);
        out[4 * y + 2] = 0.5f * (a - b + c);
        out[4 * y + 3] = c;
    }
}

static void transform_part(void *context, int64_t begin, int64_t end, int thread) {
    (void)thread;
    const transformation *t = context;
    const int64_t words = t->inputs / 2;
    for (int64_t k = begin; k < end; k++) {
        const float *filters = t->weights + k * 9 * t->inputs;
        uint32_t *out = t->out + k / PANEL * PLACES * words * PANEL + k % PANEL;
        for (int64_t word = 0; word < words; word++) {
            float low[PLACES], high[PLACES];
            const int64_t channel = low_channel(word);
            transform_filter(filters + channel, t->inputs, low);
            transform_filter(filters + channel + 2, t->inputs, high);
            for (int64_t place = 0; place < PLACES; place++)
                out[(place * words + word) * PANEL] =
                    (uint32_t)to_bfloat(low[place]) | (uint32_t)to_bfloat(high[place]) << 16;
        }
    }
}

void distill_winograd_transform(int64_t inputs, int64_t outputs, const float *weights, void *transformed) {
    transformation work = {inputs, outputs, weights, transformed};
    if (outputs % PANEL) memset(transformed, 0, (size_t)distill_winograd_weight_bytes(inputs, outputs));
    distill_parallel(outputs, 1, 1, transform_part, &work);
}

// MARK: Convolution

typedef struct {
    const distill_winograd *work;
    const uint16_t *image;
    const uint32_t *weights;
    const float *bias;
    const uint16_t *residual;
    float low;
    uint16_t *result;
    uint8_t *scratch;
    // Tiles of an image, and in all.
    int64_t tile_rows, tile_columns, tiles;
    // Tiles that a thread takes at a time, and what it needs for them.
    int64_t unit, bytes;
} convolution;

// What a thread's images and sums may take of its own cache.
#define CACHE (512 * 1024)

static void plan(convolution *c, const distill_winograd *w) {
    c->work = w;
    c->tile_rows = (w->out_height + 1) / 2;
    c->tile_columns = (w->out_width + 1) / 2;
    c->tiles = w->batch * c->tile_rows * c->tile_columns;
    const int64_t tile = PLACES * (2 * w->inputs + 4 * PANEL), most = CACHE / tile > ROWS ? CACHE / tile : ROWS;
    c->unit = block_unit(c->tiles, most);
    c->bytes = (c->unit * tile + 2 * w->inputs + 63) / 64 * 64;
}

int64_t distill_winograd_scratch(const distill_winograd *work) {
    convolution c;
    plan(&c, work);
    return c.bytes * distill_thread_count();
}

#if defined(__x86_64__)
/// B^T d along one axis, for both halves of 32 channels.
PAIRS_INLINE void transform_line(const __m512 in[4], __m512 out[4]) {
    out[0] = _mm512_sub_ps(in[0], in[2]);
    out[1] = _mm512_add_ps(in[1], in[2]);
    out[2] = _mm512_sub_ps(in[2], in[1]);
    out[3] = _mm512_sub_ps(in[1], in[3]);
}

/// B^T d B of a tile: to [places, inputs / 2] words.
PAIRS static void transform_tile(const convolution *c, int64_t tile, const uint16_t *zeros, uint16_t *out) {
    const distill_winograd *w = c->work;
    const int64_t across = tile % c->tile_columns, down = tile / c->tile_columns % c->tile_rows;
    const int64_t top = 2 * down - w->pad_top, left = 2 * across - w->pad_left;
    const uint16_t *image = c->image + tile / (c->tile_columns * c->tile_rows) * w->height * w->width * w->inputs;
    const uint16_t *cells[PLACES];
    for (int64_t y = 0; y < 4; y++)
        for (int64_t x = 0; x < 4; x++) {
            const int inside = top + y >= 0 && top + y < w->height && left + x >= 0 && left + x < w->width;
            cells[4 * y + x] = inside ? image + ((top + y) * w->width + left + x) * w->inputs : zeros;
        }
    const __m512i upper = _mm512_set1_epi32((int)0xffff0000u);
    const int64_t stride = w->inputs;
    for (int64_t channel = 0; channel < w->inputs; channel += 32, out += 32) {
        __m512 even[4][4], odd[4][4];
        for (int x = 0; x < 4; x++) {
            __m512 low[4], high[4], column[4];
            for (int y = 0; y < 4; y++) {
                const __m512i pairs = _mm512_loadu_si512(cells[4 * y + x] + channel);
                low[y] = _mm512_castsi512_ps(_mm512_slli_epi32(pairs, 16));
                high[y] = _mm512_castsi512_ps(_mm512_and_si512(pairs, upper));
            }
            transform_line(low, column);
            for (int y = 0; y < 4; y++) even[y][x] = column[y];
            transform_line(high, column);
            for (int y = 0; y < 4; y++) odd[y][x] = column[y];
        }
        for (int y = 0; y < 4; y++) {
            __m512 low[4], high[4];
            transform_line(even[y], low);
            transform_line(odd[y], high);
            for (int x = 0; x < 4; x++)
                _mm512_storeu_si512(out + (4 * y + x) * stride, (__m512i)_mm512_cvtne2ps_pbh(high[x], low[x]));
        }
    }
}

/// Sums of neighbouring tiles at one place, as they are.
PAIRS_INLINE void multiply(const uint16_t *left, int64_t row, const uint32_t *right, int64_t words, float *out,
                           int rows, int vectors) {
    block_sums sum;
    const uint16_t *starts[ROWS];
    for (int r = 0; r < rows; r++) starts[r] = left + r * row;
    start_sums(sum, rows, vectors, NULL);
    add_pairs(sum, rows, vectors, starts, right, words);
    for (int r = 0; r < rows; r++)
        for (int v = 0; v < vectors; v++) _mm512_storeu_ps(out + r * PANEL + 16 * v, sum[r][v]);
}

#define BLOCK_OF(rows, vectors)                                                                       \
    PAIRS static void block_##rows##_##vectors(const uint16_t *left, int64_t row, const uint32_t *right, \
                                               int64_t words, float *out) {                           \
        multiply(left, row, right, words, out, rows, vectors);                                        \
    }
EACH_BLOCK(BLOCK_OF)

typedef void block(const uint16_t *left, int64_t row, const uint32_t *right, int64_t words, float *out);
static block *const blocks[2][ROWS] = BLOCK_TABLE;

/// A^T m A of 32 outputs of a tile, limited and rounded.
PAIRS_INLINE void finish_outputs(const convolution *c, const float *sums, const float *bias, uint16_t *to[4]) {
    const int64_t stride = c->unit * PANEL;
    __m512 out[2][4];
    for (int half = 0; half < 2; half++) {
        __m512 rows[2][4];
        for (int x = 0; x < 4; x++) {
            const float *m = sums + x * stride + 16 * half;
            const __m512 a = _mm512_loadu_ps(m), d = _mm512_loadu_ps(m + 12 * stride);
            __m512 b = _mm512_loadu_ps(m + 4 * stride);
            const __m512 e = _mm512_loadu_ps(m + 8 * stride);
            // This place is part of all four results with a factor of 1.
            if (x == 1 && bias) b = _mm512_add_ps(b, _mm512_loadu_ps(bias + 16 * half));
            rows[0][x] = _mm512_add_ps(_mm512_add_ps(a, b), e);
            rows[1][x] = _mm512_sub_ps(_mm512_sub_ps(b, e), d);
        }
        for (int y = 0; y < 2; y++) {
            const __m512 *r = rows[y];
            out[half][2 * y] = _mm512_add_ps(_mm512_add_ps(r[0], r[1]), r[2]);
            out[half][2 * y + 1] = _mm512_sub_ps(_mm512_sub_ps(r[1], r[2]), r[3]);
        }
    }
    const __m512 low = _mm512_set1_ps(c->low);
    for (int cell = 0; cell < 4; cell++) {
        if (!to[cell]) continue;
        if (c->residual) {
            const uint16_t *residual = c->residual + (to[cell] - c->result);
            for (int half = 0; half < 2; half++)
                out[half][cell] = _mm512_add_ps(out[half][cell], widen(residual + 16 * half));
        }
        store_limited(to[cell], out[0][cell], out[1][cell], low);
    }
}

/// A panel of outputs of the tiles [first, first + count).
PAIRS static void finish_panel(const convolution *c, int64_t first, int64_t count, int64_t panel, int64_t width,
                               const float *sums) {
    const distill_winograd *w = c->work;
    const float *bias = c->bias ? c->bias + panel * PANEL : NULL;
    for (int64_t t = 0; t < count; t++) {
        const int64_t tile = first + t, x = 2 * (tile % c->tile_columns);
        const int64_t y = 2 * (tile / c->tile_columns % c->tile_rows);
        const int64_t cell = (tile / (c->tile_columns * c->tile_rows) * w->out_height + y) * w->out_width + x;
        uint16_t *result = c->result + cell * w->outputs + panel * PANEL;
        const int right = x + 1 < w->out_width, below = y + 1 < w->out_height;
        const int64_t row = w->out_width * w->outputs;
        for (int64_t k = 0; k < width; k += 32) {
            uint16_t *to[4] = {result + k, right ? result + w->outputs + k : NULL, below ? result + row + k : NULL,
                               right && below ? result + row + w->outputs + k : NULL};
            finish_outputs(c, sums + t * PANEL + k, bias ? bias + k : NULL, to);
        }
    }
}

PAIRS static void convolve_part(void *context, int64_t begin, int64_t end, int thread) {
    const convolution *c = context;
    const distill_winograd *w = c->work;
    const int64_t words = w->inputs / 2, panels = panels_of(w->outputs);
    uint8_t *own = c->scratch + thread * c->bytes;
    float *sums = (float *)own;
    uint16_t *images = (uint16_t *)(sums + PLACES * c->unit * PANEL);
    uint16_t *zeros = images + PLACES * c->unit * w->inputs;
    memset(zeros, 0, (size_t)w->inputs * sizeof *zeros);
    for (int64_t first = begin; first < end; first += c->unit) {
        const int64_t count = end - first < c->unit ? end - first : c->unit;
        for (int64_t t = 0; t < count; t++) transform_tile(c, first + t, zeros, images + t * PLACES * w->inputs);
        for (int64_t panel = 0; panel < panels; panel++) {
            const int64_t width = w->outputs - panel * PANEL < PANEL ? w->outputs - panel * PANEL : PANEL;
            for (int64_t place = 0; place < PLACES; place++) {
                const uint16_t *left = images + place * w->inputs;
                const uint32_t *right = c->weights + (panel * PLACES + place) * words * PANEL;
                for (int64_t t = 0; t < count; t += ROWS) {
                    const int64_t rows = count - t < ROWS ? count - t : ROWS;
                    blocks[width == PANEL][rows - 1](left + t * PLACES * w->inputs, PLACES * w->inputs, right, words,
                                                     sums + (place * c->unit + t) * PANEL);
                }
            }
            finish_panel(c, first, count, panel, width, sums);
        }
    }
}
#else
static void convolve_part(void *context, int64_t begin, int64_t end, int thread) {
    (void)context, (void)begin, (void)end, (void)thread;
    __builtin_trap();
}
#endif

void distill_winograd_run(const distill_winograd *work, const void *image, const void *transformed,
                          const float *bias, const void *residual, float low, void *result, void *scratch) {
    convolution c = {.image = image, .weights = transformed, .bias = bias, .residual = residual, .low = low,
                     .result = result, .scratch = scratch};
    plan(&c, work);
    distill_parallel(c.tiles, ROWS, 1, convolve_part, &c);
}
