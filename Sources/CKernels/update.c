#include "CKernelsUpdate.h"

#include "CKernelsParallel.h"
#include "clones.h"

typedef struct {
    float momentum, decay, rate, scale;
    const float *parameter, *gradient, *velocity;
    float *parameter_out, *velocity_out;
} update;

CLONES_PART(nesterov_part) {
    (void)thread;
    const update *u = context;
    const float momentum = u->momentum, decay = u->decay, rate = u->rate, scale = u->scale;
    const float *p = u->parameter, *g = u->gradient, *v = u->velocity;
    float *p_out = u->parameter_out, *v_out = u->velocity_out;
    _Pragma("clang loop vectorize(assume_safety)") for (int64_t i = begin; i < end; i++) {
        const float weight = p[i];
        const float gradient = scale * g[i] + decay * weight;
        const float velocity = momentum * v[i] + gradient;
        v_out[i] = velocity;
        p_out[i] = weight - rate * (gradient + momentum * velocity);
    }
}

void distill_nesterov(int64_t count, float momentum, float decay, float rate, float scale,
                      const float *parameter, const float *gradient, const float *velocity,
                      float *parameter_out, float *velocity_out) {
    update work = {momentum,  decay,    rate,          scale,       parameter,
                   gradient, velocity, parameter_out, velocity_out};
    distill_parallel(count, 16, 16384, nesterov_part, &work);
}

CLONES_PART(average_part) {
    (void)thread;
    const update *u = context;
    const float decay = u->decay, rest = 1.0f - u->decay;
    const float *old_value = u->parameter, *new_value = u->gradient;
    float *out = u->parameter_out;
    _Pragma("clang loop vectorize(assume_safety)") for (int64_t i = begin; i < end; i++) {
        out[i] = decay * old_value[i] + rest * new_value[i];
    }
}

void distill_moving_average(int64_t count, float decay, const float *old_value,
                            const float *new_value, float *out) {
    update work = {.decay = decay, .parameter = old_value, .gradient = new_value, .parameter_out = out};
    distill_parallel(count, 16, 16384, average_part, &work);
}
