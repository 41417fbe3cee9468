#ifndef DISTILLD_CKERNELS_NORMALIZATION_H
#define DISTILLD_CKERNELS_NORMALIZATION_H
#include <stdint.h>

/// Batch normalisation of `rows` x `channels` with channels innermost.

/// Bytes of scratch memory for the functions below.
int64_t distill_normalize_scratch(int64_t channels);

/// Mean, biased and unbiased variance of each channel, in one pass over x.
void distill_channel_moments(int64_t rows, int64_t channels, const float *x, float *mean,
                             float *variance, float *unbiased, void *scratch);

/// y = (x - mean) / sqrt(variance + epsilon) * scale + offset [+ residual], then rectified if asked.
void distill_normalize(int64_t rows, int64_t channels, const float *x, const float *scale,
                       const float *offset, const float *mean, const float *variance,
                       float epsilon, const float *residual, int rectify, float *y, void *scratch);

/// Gradients of batch normalisation in training.
///
/// With y, the rectified result, the gradient is g * (y > 0), and is also written to `masked` unless that is
/// null. `more`, unless null, is added to g first and needs `masked`. `masked` may be g or more.
void distill_normalize_gradient(int64_t rows, int64_t channels, const float *g, const float *more,
                                const float *y, const float *x, const float *scale,
                                const float *mean, const float *variance, float epsilon,
                                float *masked, float *dx, float *dscale, float *doffset,
                                void *scratch);
#endif
