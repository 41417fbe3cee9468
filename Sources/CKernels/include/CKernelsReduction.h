#ifndef DISTILLD_CKERNELS_REDUCTION_H
#define DISTILLD_CKERNELS_REDUCTION_H
#include "CKernelsElementwise.h"

enum distill_reduction_function { DISTILL_REDUCE_SUM, DISTILL_REDUCE_MAXIMUM, DISTILL_REDUCE_MINIMUM };

/// A reduction as two index spaces: the axes that stay, with strides in result and source, and those that go.
typedef struct {
    /// Operands: result, source.
    distill_grid kept;
    /// Operand: source.
    distill_grid reduced;
} distill_reduction;

/// Bytes of scratch memory that `distill_reduce` needs.
int64_t distill_reduce_scratch(const distill_reduction *reduction);
/// out = scale * reduce(in). Sums are taken in blocks, and the blocks are added in float64.
void distill_reduce(int function, const distill_reduction *reduction, float scale, const float *in,
                    float *out, void *scratch);

/// Bytes of scratch memory that the four functions below need for rows of `length`.
int64_t distill_rows_scratch(int64_t length);
/// Softmax, or its logarithm, along rows of `length` elements `stride` apart; `rows` (operand 0) are their beginnings.
void distill_softmax(int logarithm, const distill_grid *rows, int64_t length, int64_t stride,
                     const float *in, float *out, void *scratch);
/// From the result y of a softmax and the gradient g of the loss by it: the gradient by its argument.
void distill_softmax_gradient(int logarithm, const distill_grid *rows, int64_t length,
                              int64_t stride, const float *y, const float *g, float *out,
                              void *scratch);
/// The place of the first maximum along rows; `rows` has operands result, source.
void distill_argmax(const distill_grid *rows, int64_t length, int64_t stride, const float *in,
                    float *out);

/// The sum of squares in float64.
double distill_sum_of_squares(int64_t count, const float *in, void *scratch);
#endif
