#ifndef DISTILLD_CKERNELS_DIRECT_H
#define DISTILLD_CKERNELS_DIRECT_H
#include <stdint.h>

// Convolutions of bfloat16 images with constant weights as products of matrices whose left operand, the window of each
// result, is read where it lies: a few results at a time, each with the addresses of what it reads.

/// Images [batch, height, width, inputs], results [batch, out_height, out_width, outputs]. `inputs` is even, `outputs`
/// a multiple of 32.
typedef struct {
    int64_t batch, inputs, outputs, height, width, out_height, out_width;
    int64_t kernel[2], stride[2], dilation[2], pad_top, pad_left;
} distill_direct;

/// Bytes that a convolution needs beside its operands, with the present number of threads.
int64_t distill_direct_scratch(const distill_direct *work);

/// result = max(low, image convolved with weights + bias + residual). Needs a processor that multiplies pairs of
/// bfloat16.
///
/// - weights: as `distill_pack_weights` packs [cells of the kernel, inputs, outputs].
/// - bias: added to each channel; may be null.
/// - residual: added, lies as the result does and may be the same memory; may be null.
/// - low: minus infinity for no limit.
void distill_direct_run(const distill_direct *work, const void *image, const void *weights, const float *bias,
                        const void *residual, float low, void *result, void *scratch);
#endif
