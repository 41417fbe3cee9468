#ifndef DISTILLD_CKERNELS_NORMALIZATION_H
#define DISTILLD_CKERNELS_NORMALIZATION_H
#include <stdint.h>

/// Batch normalisation of `rows` x `channels` with channels innermost.
///
/// Images (x, y, residual, g, more, masked, dx) are bfloat16 where `half` is set, else float32; statistics and
/// parameters are float32, sums float64.

/// Bytes of scratch memory for the functions below.
int64_t distill_normalize_scratch(int64_t channels);

/// Mean, biased and unbiased variance of each channel, in one pass over x.
void distill_channel_moments(int64_t rows, int64_t channels, int half, const void *x, float *mean,
                             float *variance, float *unbiased, void *scratch);

/// y = (x - mean) / sqrt(variance + epsilon) * scale + offset [+ residual], limited to [0, ceiling] where the
/// ceiling is positive.
void distill_normalize(int64_t rows, int64_t channels, int half, const void *x, const float *scale,
                       const float *offset, const float *mean, const float *variance,
                       float epsilon, const void *residual, float ceiling, void *y, void *scratch);

/// Gradients of batch normalisation in training.
///
/// `more`, unless null, is added to g. With y, the limited result, the gradient counts where 0 < y < ceiling.
/// The gradient so far is also written to `masked` unless that is null; `more` needs `masked`, which may be g
/// or more.
void distill_normalize_gradient(int64_t rows, int64_t channels, int half, const void *g,
                                const void *more, const void *y, float ceiling, const void *x,
                                const float *scale, const float *mean, const float *variance,
                                float epsilon, void *masked, void *dx, float *dscale,
                                float *doffset, void *scratch);

/// Layer normalisation of `rows` x `extent`: y = (x - mean) / sqrt(variance + epsilon) * scale + offset, each row
/// by its own moments; y may be x.
void distill_normalize_layer(int64_t rows, int64_t extent, const float *x, const float *scale,
                             const float *offset, float epsilon, float *y);
/// The same of `outer` x `extent` x `inner`, over the middle axis; y may be x.
void distill_normalize_layer_across(int64_t outer, int64_t extent, int64_t inner, const float *x,
                                    const float *scale, const float *offset, float epsilon,
                                    float *y);
/// Gradients of the former by x, scale and offset; dx may be g or x.
void distill_normalize_layer_gradient(int64_t rows, int64_t extent, const float *g, const float *x,
                                      const float *scale, float epsilon, float *dx, float *dscale,
                                      float *doffset, void *scratch);
/// Bytes of scratch memory for the gradients; depends on the thread count.
int64_t distill_normalize_layer_scratch(int64_t extent);
#endif
