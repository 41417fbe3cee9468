#include "depthwise.h"

#include <math.h>
#include <string.h>

static int64_t cells(const distill_depthwise *shape) { return shape->kernel[0] * shape->kernel[1]; }

static void *aligned(void *memory) { return (void *)(((uintptr_t)memory + 63) & ~(uintptr_t)63); }

/// Lays out the weights, or their gradient, in groups of so many parts; 0 for the general kernels.
static void lay_out(depthwise *work, int half, int parts, void *scratch) {
    const int64_t channels = work->shape.channels, group = LANES * (parts ? parts : 1);
    work->group = group;
    work->pairs = half && parts == 2;
    work->slots = channels < group ? channels : (channels + group - 1) / group * group;
    work->partial = aligned(scratch);
    work->weights = aligned(scratch);
    work->bias = work->weights + cells(&work->shape) * work->slots;
}

/// The channel of a slot.
static int64_t channel_at(const depthwise *work, int64_t slot) {
    const int64_t channels = work->shape.channels, at = slot % work->group;
    if (channels < work->group) return slot;
    return depthwise_channel(channels, slot - at, work->group) +
           (work->pairs ? at % LANES * 2 + at / LANES : at);
}

/// Brings weights and bias into slots; `turned` puts the window's last cell first.
static void arrange(const depthwise *work, const float *weights, const float *bias, int turned) {
    const int64_t count = cells(&work->shape);
    float *to = (float *)(uintptr_t)work->weights, *offset = (float *)(uintptr_t)work->bias;
    for (int64_t slot = 0; slot < work->slots; slot++) {
        const int64_t c = channel_at(work, slot);
        offset[slot] = bias ? bias[c] : 0;
        for (int64_t cell = 0; cell < count; cell++)
            to[cell * work->slots + slot] = weights[c * count + (turned ? count - 1 - cell : cell)];
    }
}

int64_t distill_depthwise_scratch(const distill_depthwise *shape) {
    const int64_t slots = (shape->channels + 2 * LANES - 1) / (2 * LANES) * (2 * LANES);
    const int64_t operands = (cells(shape) + 1) * slots * (int64_t)sizeof(float);
    const int64_t sums = cells(shape) * slots * (int64_t)sizeof(double);
    const int64_t threads = distill_thread_count() * (sums + (int64_t)sizeof(int64_t));
    return 64 + (operands > threads ? operands : threads);
}

void distill_depthwise_forward(const distill_depthwise *shape, int half, const void *x,
                               const float *weights, const float *bias, float low, float high,
                               void *y, void *scratch) {
    depthwise work = {.shape = *shape, .from = x, .from_height = shape->height,
                      .from_width = shape->width, .to_height = shape->out_height,
                      .to_width = shape->out_width, .pad_top = shape->pad_top,
                      .pad_left = shape->pad_left, .low = low, .high = high, .to = y};
    work.limited = low != -INFINITY || high != INFINITY;
    const int parts = depthwise_window_parts(&work, half);
    lay_out(&work, half, parts, scratch);
    arrange(&work, weights, bias, 0);
    if (parts) {
        depthwise_window(&work, half);
    } else {
        depthwise_gather(&work, half, 0);
    }
}

void distill_depthwise_input_gradient(const distill_depthwise *shape, int half, const void *g,
                                      const float *weights, void *dx, void *scratch) {
    depthwise work = {.shape = *shape, .from = g, .from_height = shape->out_height,
                      .from_width = shape->out_width, .to_height = shape->height,
                      .to_width = shape->width, .pad_top = shape->pad_top,
                      .pad_left = shape->pad_left, .to = dx};
    // Windows that move by one: the gradient is a convolution with the turned window.
    depthwise turned = work;
    turned.pad_top = shape->kernel[0] - 1 - shape->pad_top;
    turned.pad_left = shape->kernel[1] - 1 - shape->pad_left;
    int parts = shape->stride[0] == 1 ? depthwise_window_parts(&turned, half) : 0;
    if (parts) {
        lay_out(&turned, half, parts, scratch);
        arrange(&turned, weights, 0, 1);
        depthwise_window(&turned, half);
        return;
    }
    parts = depthwise_spread_parts(&work, half);
    lay_out(&work, half, parts, scratch);
    arrange(&work, weights, 0, 0);
    if (parts) {
        depthwise_spread(&work, half);
    } else {
        depthwise_gather(&work, half, 1);
    }
}

void distill_depthwise_weight_gradient(const distill_depthwise *shape, int half, const void *x,
                                       const void *g, float *dw, void *scratch) {
    depthwise work = {.shape = *shape, .from = x, .from_height = shape->height,
                      .from_width = shape->width, .to_height = shape->out_height,
                      .to_width = shape->out_width, .pad_top = shape->pad_top,
                      .pad_left = shape->pad_left, .to = (void *)(uintptr_t)g};
    const int parts = depthwise_window_weights_parts(&work, half);
    lay_out(&work, half, parts, scratch);
    const int64_t count = cells(shape), sums = count * work.slots;
    const int threads = distill_thread_count();
    work.busy = (int64_t *)(work.partial + threads * sums);
    for (int t = 0; t < threads; t++) work.busy[t] = 0;
    if (parts) {
        depthwise_window_weights(&work, half);
    } else {
        depthwise_weights(&work, half);
    }
    if (!work.busy[0]) memset(work.partial, 0, (size_t)sums * sizeof(double));
    for (int t = 1; t < threads; t++) {
        if (!work.busy[t]) continue;
        const double *more = work.partial + t * sums;
        for (int64_t k = 0; k < sums; k++) work.partial[k] += more[k];
    }
    for (int64_t slot = 0; slot < work.slots; slot++) {
        const int64_t c = channel_at(&work, slot);
        for (int64_t cell = 0; cell < count; cell++)
            dw[c * count + cell] = (float)work.partial[cell * work.slots + slot];
    }
}
