#include "depthwise.h"

// Depthwise convolutions with any window: vectors of channels, one cell of the result at a time.
#define WIDTH 4
// Rows whose products are added in float32 before they go to float64.
#define ROWS 8

#define LOAD(half, base, at)                                                                        \
    ((half) ? load_bfloat((const uint16_t *)(base) + (at)) : *(const lanes *)((const float *)(base) + (at)))

/// The cells of a window along one axis that lie on an image: every `step`th from `tap`, `count` of them; the
/// first reads `place`, the next `move` further.
typedef struct {
    int64_t tap, step, count, place, move;
} reach;

static reach reach_at(const depthwise *work, int axis, int backward, int64_t cell) {
    const int64_t stride = work->shape.stride[axis], dilation = work->shape.dilation[axis];
    const int64_t pad = axis == 0 ? work->pad_top : work->pad_left;
    const int64_t extent = axis == 0 ? work->from_height : work->from_width;
    reach found = {0, 1, 0, 0, 0};
    for (int64_t tap = 0; tap < work->shape.kernel[axis]; tap++) {
        const int64_t at = backward ? cell + pad - tap * dilation : cell * stride - pad + tap * dilation;
        if (at < 0 || (backward && at % stride != 0)) continue;
        const int64_t place = backward ? at / stride : at;
        if (place >= extent) continue;
        if (found.count == 0) {
            found.tap = tap;
            found.place = place;
        } else if (found.count == 1) {
            found.step = tap - found.tap;
            found.move = place - found.place;
        }
        found.count++;
    }
    return found;
}

INLINE void gather_lanes(const depthwise *work, const int half, const int width, const reach *y,
                         const reach *x, int64_t image, int64_t slot, int64_t to) {
    const int64_t channels = work->shape.channels;
    const int64_t c = depthwise_channel(channels, slot, width * LANES);
    lanes sum[WIDTH];
    UNROLL for (int k = 0; k < width; k++) sum[k] = *(const lanes *)(work->bias + slot + k * LANES);
    for (int64_t a = 0; a < y->count; a++)
        for (int64_t b = 0; b < x->count; b++) {
            const int64_t row = y->place + a * y->move, column = x->place + b * x->move;
            const int64_t cell =
                (y->tap + a * y->step) * work->shape.kernel[1] + x->tap + b * x->step;
            const int64_t at = image + (row * work->from_width + column) * channels + c;
            const float *weights = work->weights + cell * work->slots + slot;
            UNROLL for (int k = 0; k < width; k++) {
                sum[k] += LOAD(half, work->from, at + k * LANES) * *(const lanes *)(weights + k * LANES);
            }
        }
    UNROLL for (int k = 0; k < width; k++) {
        if (work->limited) depthwise_limit(work, &sum[k]);
        if (half) {
            store_bfloat((uint16_t *)work->to + to + c + k * LANES, sum[k]);
        } else {
            *(lanes *)((float *)work->to + to + c + k * LANES) = sum[k];
        }
    }
}

INLINE void gather_one(const depthwise *work, const int half, const reach *y, const reach *x,
                       int64_t image, int64_t c, int64_t to) {
    const int64_t channels = work->shape.channels;
    float sum = work->bias[c];
    for (int64_t a = 0; a < y->count; a++)
        for (int64_t b = 0; b < x->count; b++) {
            const int64_t row = y->place + a * y->move, column = x->place + b * x->move;
            const int64_t cell =
                (y->tap + a * y->step) * work->shape.kernel[1] + x->tap + b * x->step;
            const int64_t at = image + (row * work->from_width + column) * channels + c;
            sum += (half ? from_bfloat(((const uint16_t *)work->from)[at])
                         : ((const float *)work->from)[at]) *
                   work->weights[cell * work->slots + c];
        }
    if (work->limited) {
        sum = sum < work->low ? work->low : sum;
        sum = sum > work->high ? work->high : sum;
    }
    if (half) {
        ((uint16_t *)work->to)[to + c] = to_bfloat(sum);
    } else {
        ((float *)work->to)[to + c] = sum;
    }
}

INLINE void gather(const void *context, int64_t begin, int64_t end, const int half, int backward) {
    const depthwise copy = *(const depthwise *)context, *work = &copy;
    const int64_t channels = work->shape.channels;
    const int64_t size = work->from_height * work->from_width * channels;
    for (int64_t row = begin; row < end; row++) {
        const int64_t image = row / work->to_height * size;
        const reach y = reach_at(work, 0, backward, row % work->to_height);
        for (int64_t column = 0; column < work->to_width; column++) {
            const reach x = reach_at(work, 1, backward, column);
            const int64_t to = (row * work->to_width + column) * channels;
            if (channels < LANES) {
                for (int64_t c = 0; c < channels; c++) gather_one(work, half, &y, &x, image, c, to);
                continue;
            }
            int64_t slot = 0;
            for (; slot + WIDTH * LANES <= channels; slot += WIDTH * LANES)
                gather_lanes(work, half, WIDTH, &y, &x, image, slot, to);
            for (; slot < channels; slot += LANES)
                gather_lanes(work, half, 1, &y, &x, image, slot, to);
        }
    }
}

#define GATHER(name, half, backward)                                                                \
    CLONES_PART(name) {                                                                             \
        (void)thread;                                                                               \
        gather(context, begin, end, half, backward);                                                \
    }
GATHER(gather_single, 0, 0)
GATHER(gather_half, 1, 0)
GATHER(gather_single_backward, 0, 1)
GATHER(gather_half_backward, 1, 1)

void depthwise_gather(depthwise *work, int half, int backward) {
    const int64_t cells = work->shape.kernel[0] * work->shape.kernel[1];
    const int64_t elements = work->to_width * work->shape.channels * cells;
    distill_parallel(work->shape.batch * work->to_height, 1, depthwise_grain(elements),
                     backward ? (half ? gather_half_backward : gather_single_backward)
                              : (half ? gather_half : gather_single),
                     work);
}

// MARK: Gradient by the weights

/// The half-open range of results whose windows have a given cell on the image, along one axis.
typedef struct {
    int64_t begin, end;
} span;

INLINE span span_of(int64_t offset, int64_t stride, int64_t extent, int64_t results) {
    const int64_t begin = offset < 0 ? (-offset + stride - 1) / stride : 0;
    const int64_t end = extent - offset <= 0 ? 0 : (extent - offset + stride - 1) / stride;
    return (span){begin, end < results ? end : results};
}

/// Adds up one cell's products over rows [begin, end) for `width` vectors of channels from c.
INLINE void products(const depthwise *work, const int half, const int width, int64_t begin,
                     int64_t end, int64_t top, int64_t left, int64_t slot, double *partial) {
    const distill_depthwise *shape = &work->shape;
    const int64_t channels = shape->channels;
    const int64_t c = depthwise_channel(channels, slot, width * LANES);
    const span columns = span_of(left, shape->stride[1], shape->width, shape->out_width);
    lanes sum[WIDTH] = {{0}};
    for (int64_t row = begin; row < end; row++) {
        const int64_t n = row / shape->out_height;
        const int64_t y = row % shape->out_height * shape->stride[0] + top;
        if (y < 0 || y >= shape->height) continue;
        const int64_t line = (n * shape->height + y) * shape->width + left;
        for (int64_t column = columns.begin; column < columns.end; column++) {
            const int64_t x = (line + column * shape->stride[1]) * channels + c;
            const int64_t g = (row * shape->out_width + column) * channels + c;
            UNROLL for (int k = 0; k < width; k++) {
                sum[k] += LOAD(half, work->to, g + k * LANES) * LOAD(half, work->from, x + k * LANES);
            }
        }
    }
    UNROLL for (int k = 0; k < width; k++) depthwise_accumulate(partial + slot + k * LANES, &sum[k]);
}

INLINE void products_one(const depthwise *work, const int half, int64_t begin, int64_t end,
                         int64_t top, int64_t left, int64_t c, double *partial) {
    const distill_depthwise *shape = &work->shape;
    const int64_t channels = shape->channels;
    const span columns = span_of(left, shape->stride[1], shape->width, shape->out_width);
    float sum = 0;
    for (int64_t row = begin; row < end; row++) {
        const int64_t n = row / shape->out_height;
        const int64_t y = row % shape->out_height * shape->stride[0] + top;
        if (y < 0 || y >= shape->height) continue;
        const int64_t line = (n * shape->height + y) * shape->width + left;
        for (int64_t column = columns.begin; column < columns.end; column++) {
            const int64_t x = (line + column * shape->stride[1]) * channels + c;
            const int64_t g = (row * shape->out_width + column) * channels + c;
            sum += half ? from_bfloat(((const uint16_t *)work->to)[g]) *
                              from_bfloat(((const uint16_t *)work->from)[x])
                        : ((const float *)work->to)[g] * ((const float *)work->from)[x];
        }
    }
    partial[c] += sum;
}

INLINE void weights(const void *context, int64_t first, int64_t last, int thread, const int half) {
    const depthwise copy = *(const depthwise *)context, *work = &copy;
    const distill_depthwise *shape = &work->shape;
    const int64_t cells = shape->kernel[0] * shape->kernel[1], channels = shape->channels;
    double *sums = depthwise_partial(work, thread);
    for (int64_t begin = first; begin < last; begin += ROWS) {
        const int64_t end = last - begin < ROWS ? last : begin + ROWS;
        for (int64_t cell = 0; cell < cells; cell++) {
            double *partial = sums + cell * work->slots;
            const int64_t top = cell / shape->kernel[1] * shape->dilation[0] - shape->pad_top;
            const int64_t left = cell % shape->kernel[1] * shape->dilation[1] - shape->pad_left;
            if (channels < LANES) {
                for (int64_t c = 0; c < channels; c++)
                    products_one(work, half, begin, end, top, left, c, partial);
                continue;
            }
            int64_t slot = 0;
            for (; slot + WIDTH * LANES <= channels; slot += WIDTH * LANES)
                products(work, half, WIDTH, begin, end, top, left, slot, partial);
            for (; slot < channels; slot += LANES)
                products(work, half, 1, begin, end, top, left, slot, partial);
        }
    }
}

CLONES_PART(weights_single) {
    weights(context, begin, end, thread, 0);
}

CLONES_PART(weights_half) {
    weights(context, begin, end, thread, 1);
}

void depthwise_weights(depthwise *work, int half) {
    const int64_t cells = work->shape.kernel[0] * work->shape.kernel[1];
    const int64_t elements = work->to_width * work->shape.channels * cells;
    distill_parallel(work->shape.batch * work->to_height, 1, depthwise_grain(elements),
                     half ? weights_half : weights_single, work);
}
