#ifndef DISTILLD_CKERNELS_ELEMENTWISE_H
#define DISTILLD_CKERNELS_ELEMENTWISE_H
#include <stdint.h>

#define DISTILL_MAXIMUM_RANK 8
#define DISTILL_MAXIMUM_OPERANDS 4

/// The index space of an element-wise loop: extents, and for each operand its strides in elements.
///
/// Operand 0 is the result. A stride of 0 repeats an element (broadcasting).
typedef struct {
    int rank, operands;
    int64_t extents[DISTILL_MAXIMUM_RANK];
    int64_t strides[DISTILL_MAXIMUM_OPERANDS][DISTILL_MAXIMUM_RANK];
} distill_grid;

/// Drops extents of one and merges neighbouring axes wherever all operands allow it.
///
/// `strides` holds `rank` strides for each operand in turn; axes are outermost first.
distill_grid distill_grid_make(int rank, const int64_t *extents, int operands,
                               const int64_t *strides);

enum distill_binary_function {
    DISTILL_ADD, DISTILL_SUBTRACT, DISTILL_MULTIPLY, DISTILL_DIVIDE, DISTILL_MAXIMUM,
    DISTILL_MINIMUM, DISTILL_POWER, DISTILL_GREATER, DISTILL_EQUAL
};

enum distill_unary_function {
    DISTILL_NEGATE, DISTILL_EXPONENTIAL, DISTILL_LOGARITHM, DISTILL_SQUARE_ROOT, DISTILL_RECIPROCAL,
    DISTILL_ABSOLUTE, DISTILL_SQUARE, DISTILL_TANH, DISTILL_SIGMOID, DISTILL_STEP, DISTILL_SIGN,
    DISTILL_SOFTPLUS, DISTILL_ERF, DISTILL_GELU, DISTILL_SILU, DISTILL_HARD_SIGMOID,
    DISTILL_HARD_SWISH
};

/// out[i] = f(in[i]); `in` may be `out`.
void distill_unary(int function, int64_t count, const float *in, float *out);
/// out[i] = scale * in[i] + offset; `in` may be `out`.
void distill_affine(int64_t count, float scale, float offset, const float *in, float *out);
void distill_fill(int64_t count, float value, float *out);

/// Operands: result, a, b. A result of the same strides may be the same memory as an operand.
void distill_binary(int function, const distill_grid *grid, float *out, const float *a,
                    const float *b);
/// Operands: result, condition, a, b: condition != 0 ? a : b.
void distill_select(const distill_grid *grid, float *out, const float *condition, const float *a,
                    const float *b);
/// Operands: result, source. Copies, permutes and broadcasts; reads and writes in tiles where the two differ.
void distill_copy(const distill_grid *grid, float *out, const float *in);
#endif
