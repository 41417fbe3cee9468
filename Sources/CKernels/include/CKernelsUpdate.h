#ifndef DISTILLD_CKERNELS_UPDATE_H
#define DISTILLD_CKERNELS_UPDATE_H
#include <stdint.h>

/// One step of stochastic gradient descent with Nesterov's momentum, in one pass.
///
/// g' = scale * g + decay * p;  v' = momentum * v + g';  p' = p - rate * (g' + momentum * v')
void distill_nesterov(int64_t count, float momentum, float decay, float rate, float scale,
                      const float *parameter, const float *gradient, const float *velocity,
                      float *parameter_out, float *velocity_out);
/// out = decay * old + (1 - decay) * new; `out` may be either.
void distill_moving_average(int64_t count, float decay, const float *old_value,
                            const float *new_value, float *out);
#endif
