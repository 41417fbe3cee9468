#ifndef DISTILLD_CKERNELS_WINOGRAD_H
#define DISTILLD_CKERNELS_WINOGRAD_H
#include <stdint.h>

// Convolutions by 3 x 3 with stride 1 on bfloat16 images by the minimal filtering algorithm F(2 x 2, 3 x 3) of Winograd
// (Lavin and Gray 2015, arXiv:1509.09308): a tile of 2 x 2 results takes 16 products for each pair of channels in place
// of 36.
//
//     result = A^T ((G weights G^T) * (B^T image B)) A, summed over the input channels
//
// Transformed images and weights are rounded to bfloat16, sums are float32.

/// Images [batch, height, width, inputs], results [batch, out_height, out_width, outputs]; both channel counts are
/// multiples of 32. Padding behind the last row and column follows from the result's size.
typedef struct {
    int64_t batch, inputs, outputs, height, width, out_height, out_width, pad_top, pad_left;
} distill_winograd;

/// Bytes of transformed weights.
int64_t distill_winograd_weight_bytes(int64_t inputs, int64_t outputs);

/// Transforms weights [outputs, 3, 3, inputs], as float32.
void distill_winograd_transform(int64_t inputs, int64_t outputs, const float *weights, void *transformed);

/// Bytes that a convolution needs beside its operands, with the present number of threads.
int64_t distill_winograd_scratch(const distill_winograd *work);

/// result = max(low, image convolved with weights + bias + residual). Needs a processor that multiplies pairs of
/// bfloat16.
///
/// - bias: added to each channel; may be null.
/// - residual: added, lies as the result does and may be the same memory; may be null.
/// - low: minus infinity for no limit.
void distill_winograd_run(const distill_winograd *work, const void *image, const void *transformed,
                          const float *bias, const void *residual, float low, void *result, void *scratch);
#endif
