#include "depthwise.h"

#include <math.h>
#include <string.h>

static int64_t cells(const distill_depthwise *shape) { return shape->kernel[0] * shape->kernel[1]; }

static void *aligned(void *memory) { return (void *)(((uintptr_t)memory + 63) & ~(uintptr_t)63); }

int64_t distill_depthwise_scratch(const distill_depthwise *shape) {
    const int64_t operands = (cells(shape) + 1) * shape->channels * (int64_t)sizeof(float);
    const int64_t sums = distill_thread_count() * cells(shape) * depthwise_slots(shape->channels) *
                         (int64_t)sizeof(double);
    return 64 + (operands > sums ? operands : sums);
}

/// Puts the channels innermost, and with `turned` the window's last cell first.
static void arrange(const distill_depthwise *shape, const float *weights, int turned, float *to) {
    const int64_t count = cells(shape), channels = shape->channels;
    for (int64_t cell = 0; cell < count; cell++) {
        const float *from = weights + (turned ? count - 1 - cell : cell);
        for (int64_t c = 0; c < channels; c++) to[cell * channels + c] = from[c * count];
    }
}

void distill_depthwise_forward(const distill_depthwise *shape, int half, const void *x,
                               const float *weights, const float *bias, float low, float high,
                               void *y, void *scratch) {
    float *arranged = aligned(scratch), *offset = arranged + cells(shape) * shape->channels;
    depthwise work = {.shape = *shape, .from = x, .from_height = shape->height,
                      .from_width = shape->width, .to_height = shape->out_height,
                      .to_width = shape->out_width, .pad_top = shape->pad_top,
                      .pad_left = shape->pad_left, .weights = arranged, .bias = offset, .low = low,
                      .high = high, .to = y};
    arrange(shape, weights, 0, arranged);
    if (bias) {
        memcpy(offset, bias, (size_t)shape->channels * sizeof *bias);
    } else {
        memset(offset, 0, (size_t)shape->channels * sizeof *offset);
    }
    if (depthwise_window_fits(&work)) {
        depthwise_window(&work, half);
    } else {
        depthwise_gather(&work, half, 0);
    }
}

void distill_depthwise_input_gradient(const distill_depthwise *shape, int half, const void *g,
                                      const float *weights, void *dx, void *scratch) {
    float *arranged = aligned(scratch), *offset = arranged + cells(shape) * shape->channels;
    depthwise work = {.shape = *shape, .from = g, .from_height = shape->out_height,
                      .from_width = shape->out_width, .to_height = shape->height,
                      .to_width = shape->width, .pad_top = shape->pad_top,
                      .pad_left = shape->pad_left, .weights = arranged, .bias = offset,
                      .low = -INFINITY, .high = INFINITY, .to = dx};
    memset(offset, 0, (size_t)shape->channels * sizeof *offset);
    if (depthwise_spread_fits(&work)) {
        arrange(shape, weights, 0, arranged);
        depthwise_spread(&work, half);
        return;
    }
    // Windows that move by one: the gradient is a convolution with the turned window.
    depthwise turned = work;
    turned.pad_top = shape->kernel[0] - 1 - shape->pad_top;
    turned.pad_left = shape->kernel[1] - 1 - shape->pad_left;
    if (shape->stride[0] == 1 && depthwise_window_fits(&turned)) {
        arrange(shape, weights, 1, arranged);
        depthwise_window(&turned, half);
    } else {
        arrange(shape, weights, 0, arranged);
        depthwise_gather(&work, half, 1);
    }
}

void distill_depthwise_weight_gradient(const distill_depthwise *shape, int half, const void *x,
                                       const void *g, float *dw, void *scratch) {
    const int64_t count = cells(shape), channels = shape->channels;
    const int64_t slots = depthwise_slots(channels);
    depthwise work = {.shape = *shape, .from = x, .from_height = shape->height,
                      .from_width = shape->width, .to_height = shape->out_height,
                      .to_width = shape->out_width, .pad_top = shape->pad_top,
                      .pad_left = shape->pad_left, .to = (void *)(uintptr_t)g,
                      .partial = aligned(scratch)};
    const int threads = distill_thread_count();
    memset(work.partial, 0, (size_t)(threads * count * slots) * sizeof(double));
    if (depthwise_window_fits(&work)) {
        depthwise_window_weights(&work, half);
    } else {
        depthwise_weights(&work, half);
    }
    // The last vector of channels overlaps the one before it.
    const int64_t tail = slots - LANES, shift = channels < LANES ? 0 : slots - channels;
    for (int64_t c = 0; c < channels; c++) {
        const double *sums = work.partial + (c < tail ? c : c + shift);
        for (int64_t cell = 0; cell < count; cell++) {
            double sum = 0;
            for (int t = 0; t < threads; t++) sum += sums[(t * count + cell) * slots];
            dw[c * count + cell] = (float)sum;
        }
    }
}
