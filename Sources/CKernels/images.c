#include "images.h"

#include "CKernelsImages.h"
#include "CKernelsParallel.h"

// The result may be an operand: each index is read before it is written, so vector code is safe.
#define EACH(i) _Pragma("clang loop vectorize(assume_safety)") for (int64_t i = begin; i < end; i++)

typedef struct {
    const void *a, *b, *y;
    void *out;
    float low, high;
} image_work;

CLONES_PART(narrow_part) {
    (void)thread;
    const float *in = ((const image_work *)context)->a;
    uint16_t *out = ((const image_work *)context)->out;
    for (int64_t i = begin; i < end; i++) out[i] = to_bfloat(in[i]);
}

void distill_float_to_bfloat(int64_t count, const float *in, uint16_t *out) {
    image_work work = {.a = in, .out = out};
    distill_parallel(count, 32, 16384, narrow_part, &work);
}

CLONES_PART(widen_part) {
    (void)thread;
    const uint16_t *in = ((const image_work *)context)->a;
    float *out = ((const image_work *)context)->out;
    for (int64_t i = begin; i < end; i++) out[i] = from_bfloat(in[i]);
}

void distill_bfloat_to_float(int64_t count, const uint16_t *in, float *out) {
    image_work work = {.a = in, .out = out};
    distill_parallel(count, 32, 16384, widen_part, &work);
}

INLINE void limit(const image_work *work, int64_t begin, int64_t end, int thread, const int half) {
    (void)thread;
    const float low = work->low, high = work->high;
    EACH(i) {
        const float x = get(work->a, i, half);
        const float above = x < low ? low : x;
        put(work->out, i, above > high ? high : above, half);
    }
}

FOR_BOTH(limit)

void distill_limit(int64_t count, int half, float low, float high, const void *in, void *out) {
    image_work work = {.a = in, .out = out, .low = low, .high = high};
    distill_parallel(count, 32, 16384, half ? half_limit_part : limit_part, &work);
}

INLINE void limit_gradient(const image_work *work, int64_t begin, int64_t end, int thread,
                           const int half) {
    (void)thread;
    const float low = work->low, high = work->high;
    if (work->b) {
        EACH(i) {
            const float y = get(work->y, i, half), g = get(work->a, i, half) + get(work->b, i, half);
            const float above = y > low ? g : 0.0f;
            put(work->out, i, y < high ? above : 0.0f, half);
        }
    } else {
        EACH(i) {
            const float y = get(work->y, i, half), g = get(work->a, i, half);
            const float above = y > low ? g : 0.0f;
            put(work->out, i, y < high ? above : 0.0f, half);
        }
    }
}

FOR_BOTH(limit_gradient)

void distill_limit_gradient(int64_t count, int half, float low, float high, const void *y,
                            const void *g, const void *more, void *out) {
    image_work work = {.a = g, .b = more, .y = y, .out = out, .low = low, .high = high};
    distill_parallel(count, 32, 16384, half ? half_limit_gradient_part : limit_gradient_part, &work);
}

CLONES_PART(sum_part) {
    (void)thread;
    const image_work *work = context;
    const uint16_t *a = work->a, *b = work->b;
    uint16_t *out = work->out;
    EACH(i) { out[i] = to_bfloat(from_bfloat(a[i]) + from_bfloat(b[i])); }
}

void distill_sum_bfloat(int64_t count, const uint16_t *a, const uint16_t *b, uint16_t *out) {
    image_work work = {.a = a, .b = b, .out = out};
    distill_parallel(count, 32, 16384, sum_part, &work);
}
