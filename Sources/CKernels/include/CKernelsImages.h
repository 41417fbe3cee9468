#ifndef DISTILLD_CKERNELS_IMAGES_H
#define DISTILLD_CKERNELS_IMAGES_H
#include <stdint.h>

// Element-wise work on images that are bfloat16 where `half` is set, else float32.

/// Rounds to the nearest, ties to even.
void distill_float_to_bfloat(int64_t count, const float *in, uint16_t *out);
void distill_bfloat_to_float(int64_t count, const uint16_t *in, float *out);

/// out[i] = in[i] limited to [low, high]; `in` may be `out`.
void distill_limit(int64_t count, int half, float low, float high, const void *in, void *out);
/// out[i] = low < y[i] < high ? g[i] + more[i] : 0; `more` may be null, `g` or `more` may be `out`.
void distill_limit_gradient(int64_t count, int half, float low, float high, const void *y,
                            const void *g, const void *more, void *out);
/// out[i] = a[i] + b[i] in bfloat16; either may be `out`.
void distill_sum_bfloat(int64_t count, const uint16_t *a, const uint16_t *b, uint16_t *out);
#endif
