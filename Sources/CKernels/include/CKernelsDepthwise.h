#ifndef DISTILLD_CKERNELS_DEPTHWISE_H
#define DISTILLD_CKERNELS_DEPTHWISE_H
#include <stdint.h>

/// A convolution of every channel with a window of its own.
///
/// Images are [batch, height, width, channels], in float32 or (`half`) bfloat16; weights, their gradient and the
/// bias are float32, weights [channels, kernel height, kernel width]. Arithmetic and sums are float32; bfloat16
/// results are rounded to the nearest even. Results must not be the same memory as what they are made of.
typedef struct {
    int64_t batch, channels, height, width, out_height, out_width;
    int64_t kernel[2], stride[2], dilation[2], pad_top, pad_left;
} distill_depthwise;

/// Bytes of scratch memory for the functions below; depends on the thread count.
int64_t distill_depthwise_scratch(const distill_depthwise *shape);

/// y = x * weights + bias, limited to [low, high]; `bias` may be null.
void distill_depthwise_forward(const distill_depthwise *shape, int half, const void *x,
                               const float *weights, const float *bias, float low, float high,
                               void *y, void *scratch);
/// From g, the gradient by y: the gradient by x.
void distill_depthwise_input_gradient(const distill_depthwise *shape, int half, const void *g,
                                      const float *weights, void *dx, void *scratch);
/// The gradient by the weights: the same bits for the same thread count.
void distill_depthwise_weight_gradient(const distill_depthwise *shape, int half, const void *x,
                                       const void *g, float *dw, void *scratch);
#endif
