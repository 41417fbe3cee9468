#include "depthwise.h"

#include <math.h>
#include <string.h>

static int64_t cells(const distill_depthwise *shape) { return shape->kernel[0] * shape->kernel[1]; }

static void *aligned(void *memory) { return (void *)(((uintptr_t)memory + 63) & ~(uintptr_t)63); }

/// Slots for channels in groups of `size`; where there are fewer, single channels are taken.
static int64_t slots_of(int64_t channels, int64_t size) {
    return channels < size ? channels : (channels + size - 1) / size * size;
}

/// Chooses the layout of the weights or of their gradient.
static void lay_out(depthwise *work, int size, void *scratch) {
    work->slots = slots_of(work->shape.channels, size);
    work->partial = aligned(scratch);
    work->weights = aligned(scratch);
    work->bias = work->weights + cells(&work->shape) * work->slots;
}

/// The channel of a slot; `parts` as in `PARTS`.
static int64_t channel_at(const depthwise *work, int64_t slot, int parts) {
    const int64_t channels = work->shape.channels, size = LANES * parts, at = slot % size;
    if (channels < size) return slot;
    return depthwise_channel(channels, slot - at, size) + at % LANES * parts + at / LANES;
}

/// Brings weights and bias into slots; `turned` puts the window's last cell first.
static void arrange(const depthwise *work, int parts, const float *weights, const float *bias,
                    int turned) {
    const int64_t count = cells(&work->shape);
    float *to = (float *)(uintptr_t)work->weights, *offset = (float *)(uintptr_t)work->bias;
    for (int64_t slot = 0; slot < work->slots; slot++) {
        const int64_t c = channel_at(work, slot, parts);
        offset[slot] = bias ? bias[c] : 0;
        for (int64_t cell = 0; cell < count; cell++)
            to[cell * work->slots + slot] = weights[c * count + (turned ? count - 1 - cell : cell)];
    }
}

int64_t distill_depthwise_scratch(const distill_depthwise *shape) {
    const int64_t slots = (shape->channels + GROUP(1) - 1) / GROUP(1) * GROUP(1);
    const int64_t operands = (cells(shape) + 1) * slots * (int64_t)sizeof(float);
    const int64_t sums = distill_thread_count() * cells(shape) * slots * (int64_t)sizeof(double);
    return 64 + (operands > sums ? operands : sums);
}

void distill_depthwise_forward(const distill_depthwise *shape, int half, const void *x,
                               const float *weights, const float *bias, float low, float high,
                               void *y, void *scratch) {
    depthwise work = {.shape = *shape, .from = x, .from_height = shape->height,
                      .from_width = shape->width, .to_height = shape->out_height,
                      .to_width = shape->out_width, .pad_top = shape->pad_top,
                      .pad_left = shape->pad_left, .low = low, .high = high, .to = y};
    work.limited = low != -INFINITY || high != INFINITY;
    const int fits = depthwise_window_fits(&work, half), parts = fits ? PARTS(half) : 1;
    lay_out(&work, LANES * parts, scratch);
    arrange(&work, parts, weights, bias, 0);
    if (fits) {
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
    if (shape->stride[0] == 1 && depthwise_window_fits(&turned, half)) {
        lay_out(&turned, GROUP(half), scratch);
        arrange(&turned, PARTS(half), weights, 0, 1);
        depthwise_window(&turned, half);
        return;
    }
    const int fits = depthwise_spread_fits(&work, half), parts = fits ? PARTS(half) : 1;
    lay_out(&work, LANES * parts, scratch);
    arrange(&work, parts, weights, 0, 0);
    if (fits) {
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
    const int fits = depthwise_window_fits(&work, half), parts = fits ? PARTS(half) : 1;
    lay_out(&work, LANES * parts, scratch);
    const int64_t count = cells(shape), slots = work.slots;
    const int threads = distill_thread_count();
    memset(work.partial, 0, (size_t)(threads * count * slots) * sizeof(double));
    if (fits) {
        depthwise_window_weights(&work, half);
    } else {
        depthwise_weights(&work, half);
    }
    for (int64_t slot = 0; slot < slots; slot++) {
        const int64_t c = channel_at(&work, slot, parts);
        for (int64_t cell = 0; cell < count; cell++) {
            double sum = 0;
            for (int t = 0; t < threads; t++) sum += work.partial[(t * count + cell) * slots + slot];
            dw[c * count + cell] = (float)sum;
        }
    }
}
