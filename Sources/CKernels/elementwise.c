#include "clones.h"
#include "functions.h"
#include "grid.h"

// The result may be an operand: each index is read before it is written, so vector code is safe.
#define EACH(i, count) _Pragma("clang loop vectorize(assume_safety)") for (int64_t i = 0; i < count; i++)

// MARK: Unary

typedef struct {
    int function;
    const float *in;
    float *out;
    float first, second;
} unary_work;

#define UNARY(name, expression)                                                                     \
    case name:                                                                                      \
        EACH(i, count) {                                                                            \
            const float x = in[i];                                                                  \
            out[i] = expression;                                                                    \
        }                                                                                           \
        break;

CLONES(void, unary_range, (int function, int64_t count, const float *in, float *out),
       (function, count, in, out)) {
    switch (function) {
        UNARY(DISTILL_NEGATE, -x)
        UNARY(DISTILL_EXPONENTIAL, fast_exponential(x))
        UNARY(DISTILL_LOGARITHM, fast_logarithm(x))
        UNARY(DISTILL_SQUARE_ROOT, __builtin_elementwise_sqrt(x))
        UNARY(DISTILL_RECIPROCAL, 1.0f / x)
        UNARY(DISTILL_ABSOLUTE, fabsf(x))
        UNARY(DISTILL_SQUARE, x *x)
        UNARY(DISTILL_TANH, fast_tanh(x))
        UNARY(DISTILL_SIGMOID, fast_sigmoid(x))
        UNARY(DISTILL_STEP, x > 0.0f ? 1.0f : 0.0f)
        UNARY(DISTILL_SIGN, x > 0.0f ? 1.0f : (x < 0.0f ? -1.0f : 0.0f))
        UNARY(DISTILL_SOFTPLUS, fast_softplus(x))
        UNARY(DISTILL_ERF, fast_erf(x))
        UNARY(DISTILL_GELU, 0.5f * x * (1.0f + fast_erf(x * 0.70710678f)))
        UNARY(DISTILL_SILU, x *fast_sigmoid(x))
        UNARY(DISTILL_HARD_SIGMOID, fminf(fmaxf(x * (1.0f / 6.0f) + 0.5f, 0.0f), 1.0f))
        UNARY(DISTILL_HARD_SWISH, x *fminf(fmaxf(x * (1.0f / 6.0f) + 0.5f, 0.0f), 1.0f))
    default: break;
    }
}

static void unary_part(void *context, int64_t begin, int64_t end, int thread) {
    (void)thread;
    const unary_work *work = context;
    unary_range(work->function, end - begin, work->in + begin, work->out + begin);
}

void distill_unary(int function, int64_t count, const float *in, float *out) {
    unary_work work = {function, in, out, 0, 0};
    distill_parallel(count, 16, 8192, unary_part, &work);
}

CLONES_PART(affine_part) {
    (void)thread;
    const unary_work *work = context;
    const float scale = work->first, offset = work->second, *in = work->in + begin;
    float *out = work->out + begin;
    EACH(i, end - begin) out[i] = scale * in[i] + offset;
}

void distill_affine(int64_t count, float scale, float offset, const float *in, float *out) {
    unary_work work = {0, in, out, scale, offset};
    distill_parallel(count, 16, 16384, affine_part, &work);
}

CLONES_PART(fill_part) {
    (void)thread;
    const unary_work *work = context;
    float *out = work->out;
    const float value = work->first;
    for (int64_t i = begin; i < end; i++) out[i] = value;
}

void distill_fill(int64_t count, float value, float *out) {
    unary_work work = {0, 0, out, value, 0};
    distill_parallel(count, 16, 65536, fill_part, &work);
}

// MARK: Binary

typedef struct {
    int function;
    float *out;
    const float *a, *b, *c;
} binary_work;

#define BINARY(name, expression)                                                                    \
    case name:                                                                                      \
        if (so == 1 && sa == 1 && sb == 1) {                                                        \
            EACH(i, count) {                                                                        \
                const float a = A[i], b = B[i];                                                     \
                out[i] = expression;                                                                \
            }                                                                                       \
        } else if (so == 1 && sa == 1 && sb == 0) {                                                 \
            const float b = *B;                                                                     \
            EACH(i, count) {                                                                        \
                const float a = A[i];                                                               \
                out[i] = expression;                                                                \
            }                                                                                       \
        } else if (so == 1 && sa == 0 && sb == 1) {                                                 \
            const float a = *A;                                                                     \
            EACH(i, count) {                                                                        \
                const float b = B[i];                                                               \
                out[i] = expression;                                                                \
            }                                                                                       \
        } else {                                                                                    \
            for (int64_t i = 0; i < count; i++) {                                                   \
                const float a = A[i * sa], b = B[i * sb];                                           \
                out[i * so] = expression;                                                           \
            }                                                                                       \
        }                                                                                           \
        break;

CLONES(void, binary_row,
       (int function, int64_t count, float *out, int64_t so, const float *A, int64_t sa, const float *B, int64_t sb),
       (function, count, out, so, A, sa, B, sb)) {
    switch (function) {
        BINARY(DISTILL_ADD, a + b)
        BINARY(DISTILL_SUBTRACT, a - b)
        BINARY(DISTILL_MULTIPLY, a *b)
        BINARY(DISTILL_DIVIDE, a / b)
        BINARY(DISTILL_MAXIMUM, a > b ? a : b)
        BINARY(DISTILL_MINIMUM, a < b ? a : b)
    case DISTILL_POWER:
        for (int64_t i = 0; i < count; i++) out[i * so] = powf(A[i * sa], B[i * sb]);
        break;
        BINARY(DISTILL_GREATER, a > b ? 1.0f : 0.0f)
        BINARY(DISTILL_EQUAL, a == b ? 1.0f : 0.0f)
    default: break;
    }
}

static void binary_part(void *context, const distill_grid *grid, const int64_t *offsets,
                        int64_t count) {
    const binary_work *work = context;
    const int last = grid->rank - 1;
    binary_row(work->function, count, work->out + offsets[0], grid->strides[0][last],
               work->a + offsets[1], grid->strides[1][last], work->b + offsets[2],
               grid->strides[2][last]);
}

void distill_binary(int function, const distill_grid *grid, float *out, const float *a,
                    const float *b) {
    binary_work work = {function, out, a, b, 0};
    grid_for_rows(grid, function == DISTILL_POWER ? 16 : 1, binary_part, &work);
}

CLONES(void, select_row,
       (void *context, const distill_grid *grid, const int64_t *offsets, int64_t count),
       (context, grid, offsets, count)) {
    const binary_work *work = context;
    const int last = grid->rank - 1;
    const int64_t so = grid->strides[0][last], sc = grid->strides[1][last];
    const int64_t sa = grid->strides[2][last], sb = grid->strides[3][last];
    float *out = work->out + offsets[0];
    const float *c = work->c + offsets[1], *a = work->a + offsets[2], *b = work->b + offsets[3];
    if (so == 1 && sc == 1 && sa == 1 && sb == 1) {
        EACH(i, count) out[i] = c[i] != 0.0f ? a[i] : b[i];
    } else {
        for (int64_t i = 0; i < count; i++) out[i * so] = c[i * sc] != 0.0f ? a[i * sa] : b[i * sb];
    }
}

void distill_select(const distill_grid *grid, float *out, const float *condition, const float *a,
                    const float *b) {
    binary_work work = {0, out, a, b, condition};
    grid_for_rows(grid, 1, select_row, &work);
}

// MARK: Copies

#define TILE 16

typedef struct {
    distill_grid outer;
    int64_t rows, columns, out_row, in_column;
    float *out;
    const float *in;
} transposition;

/// out[r * out_row + c] = in[r + c * in_column]: rows lie together in the source, columns in the result.
CLONES(void, transpose_tiles,
       (const transposition *t, float *out, const float *in, int64_t begin, int64_t end),
       (t, out, in, begin, end)) {
    for (int64_t r0 = begin; r0 < end; r0 += TILE) {
        const int64_t rows = end - r0 < TILE ? end - r0 : TILE;
        for (int64_t c0 = 0; c0 < t->columns; c0 += TILE) {
            const int64_t columns = t->columns - c0 < TILE ? t->columns - c0 : TILE;
            if (rows == TILE && columns == TILE) {
                float tile[TILE][TILE];
                for (int c = 0; c < TILE; c++)
                    for (int r = 0; r < TILE; r++) tile[r][c] = in[r0 + r + (c0 + c) * t->in_column];
                for (int r = 0; r < TILE; r++)
                    memcpy(out + (r0 + r) * t->out_row + c0, tile[r], sizeof tile[r]);
            } else {
                for (int64_t r = r0; r < r0 + rows; r++)
                    for (int64_t c = c0; c < c0 + columns; c++)
                        out[r * t->out_row + c] = in[r + c * t->in_column];
            }
        }
    }
}

static void transpose_part(void *context, int64_t begin, int64_t end, int thread) {
    (void)thread;
    const transposition *t = context;
    // The range runs over outer index and tile of rows together.
    const int64_t tiles = (t->rows + TILE - 1) / TILE;
    for (int64_t k = begin; k < end; k++) {
        const int64_t outer = k / tiles, row = k % tiles * TILE;
        const int64_t stop = row + TILE < t->rows ? row + TILE : t->rows;
        transpose_tiles(t, t->out + grid_offset(&t->outer, t->outer.rank, 0, outer),
                        t->in + grid_offset(&t->outer, t->outer.rank, 1, outer), row, stop);
    }
}

CLONES(void, copy_row,
       (void *context, const distill_grid *grid, const int64_t *offsets, int64_t count),
       (context, grid, offsets, count)) {
    const binary_work *work = context;
    const int64_t so = grid->strides[0][grid->rank - 1], si = grid->strides[1][grid->rank - 1];
    float *out = work->out + offsets[0];
    const float *in = work->a + offsets[1];
    if (so == 1 && si == 1) {
        memcpy(out, in, (size_t)count * sizeof *out);
    } else if (so == 1 && si == 0) {
        const float value = *in;
        for (int64_t i = 0; i < count; i++) out[i] = value;
    } else {
        for (int64_t i = 0; i < count; i++) out[i * so] = in[i * si];
    }
}

void distill_copy(const distill_grid *grid, float *out, const float *in) {
    const int last = grid->rank - 1;
    int source = -1;
    if (grid->strides[0][last] == 1 && grid->strides[1][last] > 1) {
        for (int axis = 0; axis < last; axis++)
            if (grid->strides[1][axis] == 1) source = axis;
    }
    if (source < 0) {
        binary_work work = {0, out, in, 0, 0};
        grid_for_rows(grid, 1, copy_row, &work);
        return;
    }
    transposition t = {.rows = grid->extents[source], .columns = grid->extents[last],
                       .out_row = grid->strides[0][source], .in_column = grid->strides[1][last],
                       .out = out, .in = in};
    t.outer.operands = 2;
    for (int axis = 0; axis < last; axis++) {
        if (axis == source) continue;
        t.outer.extents[t.outer.rank] = grid->extents[axis];
        t.outer.strides[0][t.outer.rank] = grid->strides[0][axis];
        t.outer.strides[1][t.outer.rank++] = grid->strides[1][axis];
    }
    const int64_t tiles = (t.rows + TILE - 1) / TILE * grid_count(&t.outer, t.outer.rank);
    distill_parallel(tiles, 1, 16384 / (TILE * t.columns) + 1, transpose_part, &t);
}
