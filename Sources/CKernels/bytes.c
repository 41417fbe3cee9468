#include "CKernelsBytes.h"

#include <math.h>
#include <string.h>

#include "CKernelsParallel.h"
#include "window.h"

// Parts of a parallel loop begin at whole cache lines of bytes.
#define UNIT 4096

typedef struct {
    const void *from;
    void *to;
    float scale;
    int is_unsigned;
} conversion;

CLONES_PART(narrow_part) {
    (void)thread;
    const conversion *work = context;
    const float *from = work->from, inverse = 1.0f / work->scale;
    const float low = work->is_unsigned ? 0.0f : -127.0f, high = work->is_unsigned ? 255.0f : 127.0f;
    uint8_t *to = work->to;
    for (int64_t i = begin; i < end; i++) {
        float value = from[i] * inverse;
        value = value > low ? value : low;
        value = value < high ? value : high;
        // Adding 1.5 * 2^23 rounds to the nearest even and leaves the integer in the lowest bits.
        value += 12582912.0f;
        uint32_t bits;
        memcpy(&bits, &value, sizeof bits);
        to[i] = (uint8_t)bits;
    }
}

void distill_floats_to_bytes(int64_t count, int is_unsigned, float scale, const float *from, uint8_t *to) {
    conversion work = {from, to, scale, is_unsigned};
    distill_parallel(count, UNIT, 4 * UNIT, narrow_part, &work);
}

CLONES_PART(widen_part) {
    (void)thread;
    const conversion *work = context;
    float *to = work->to;
    const float scale = work->scale;
    if (work->is_unsigned) {
        const uint8_t *from = work->from;
        for (int64_t i = begin; i < end; i++) to[i] = scale * (float)from[i];
    } else {
        const int8_t *from = work->from;
        for (int64_t i = begin; i < end; i++) to[i] = scale * (float)from[i];
    }
}

void distill_bytes_to_floats(int64_t count, int is_unsigned, float scale, const uint8_t *from, float *to) {
    conversion work = {from, to, scale, is_unsigned};
    distill_parallel(count, UNIT, 4 * UNIT, widen_part, &work);
}

#define BLOCK 64

typedef struct {
    const distill_window *window;
    const uint8_t *x;
    uint8_t *y;
    // Turns signed bytes into unsigned ones of the same order.
    uint8_t flip;
} byte_pool;

/// The greatest bytes of one window, for `count` channels: a constant where that is a whole block.
INLINE void greatest(const byte_pool *work, const taps *t, int64_t image, int64_t c0, const int64_t count,
                     uint8_t *out) {
    const distill_window *w = work->window;
    uint8_t best[BLOCK];
    for (int64_t c = 0; c < count; c++) best[c] = 0;
    for (int64_t y = t->top; y < t->bottom; y++)
        for (int64_t x = t->left; x < t->right; x++) {
            const uint8_t *tap = work->x + image + (y * w->width + x) * w->channels + c0;
            for (int64_t c = 0; c < count; c++) {
                const uint8_t value = tap[c] ^ work->flip;
                best[c] = value > best[c] ? value : best[c];
            }
        }
    for (int64_t c = 0; c < count; c++) out[c] = best[c] ^ work->flip;
}

CLONES_PART(maximum_part) {
    (void)thread;
    const byte_pool *work = context;
    const distill_window *w = work->window;
    for (int64_t row = begin; row < end; row++) {
        const int64_t n = row / w->out_height, oy = row % w->out_height;
        const int64_t image = n * w->height * w->width * w->channels;
        for (int64_t ox = 0; ox < w->out_width; ox++) {
            const taps t = inside(w, oy, ox);
            uint8_t *out = work->y + (row * w->out_width + ox) * w->channels;
            int64_t c0 = 0;
            for (; c0 + BLOCK <= w->channels; c0 += BLOCK) greatest(work, &t, image, c0, BLOCK, out + c0);
            if (c0 < w->channels) greatest(work, &t, image, c0, w->channels - c0, out + c0);
        }
    }
}

void distill_maximum_pool_bytes(const distill_window *w, int is_unsigned, const uint8_t *x, uint8_t *y) {
    byte_pool work = {w, x, y, is_unsigned ? 0 : 0x80};
    distill_parallel(w->batch * w->out_height, 1, 16384 / (w->out_width * w->channels) + 1, maximum_part,
                     &work);
}

typedef struct {
    int64_t width, stride;
    const uint8_t *from;
    uint8_t *to;
} spread;

static void spread_part(void *context, int64_t begin, int64_t end, int thread) {
    (void)thread;
    const spread *work = context;
    for (int64_t row = begin; row < end; row++)
        memcpy(work->to + row * work->stride, work->from + row * work->width, (size_t)work->width);
}

void distill_spread_rows(int64_t rows, int64_t width, int64_t stride, const uint8_t *from, uint8_t *to) {
    spread work = {width, stride, from, to};
    distill_parallel(rows, 1, 65536 / (width + 1) + 1, spread_part, &work);
}

void distill_weights_to_bytes(int64_t outputs, int64_t length, const float *weights, int8_t *bytes,
                              float *scales) {
    for (int64_t channel = 0; channel < outputs; channel++) {
        const float *row = weights + channel * length;
        float largest = 0;
        for (int64_t i = 0; i < length; i++) {
            const float magnitude = fabsf(row[i]);
            largest = magnitude > largest ? magnitude : largest;
        }
        const float scale = largest > 1e-30f ? largest / 127.0f : 1.0f;
        scales[channel] = scale;
        distill_floats_to_bytes(length, 0, scale, row, (uint8_t *)bytes + channel * length);
    }
}

typedef struct {
    const float *values;
    uint32_t *bins;
} counting;

static void count_part(void *context, int64_t begin, int64_t end, int thread) {
    const counting *work = context;
    uint32_t *bins = work->bins + thread * DISTILL_MAGNITUDE_BINS;
    for (int64_t i = begin; i < end; i++) {
        uint32_t bits;
        memcpy(&bits, work->values + i, sizeof bits);
        bins[(bits & 0x7fffffffu) >> 19]++;
    }
}

void distill_count_magnitudes(int64_t count, const float *values, float *bins, void *scratch) {
    const int threads = distill_thread_count();
    counting work = {values, scratch};
    memset(scratch, 0, (size_t)threads * DISTILL_MAGNITUDE_BINS * sizeof(uint32_t));
    distill_parallel(count, UNIT, 4 * UNIT, count_part, &work);
    for (int64_t bin = 0; bin < DISTILL_MAGNITUDE_BINS; bin++) {
        uint64_t sum = 0;
        for (int thread = 0; thread < threads; thread++)
            sum += work.bins[thread * DISTILL_MAGNITUDE_BINS + bin];
        bins[bin] = (float)sum;
    }
}
