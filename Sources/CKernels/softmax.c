#include <math.h>

#include "CKernelsReduction.h"
#include "clones.h"
#include "functions.h"
#include "grid.h"

#define FOR(i, n) _Pragma("clang loop vectorize(assume_safety)") for (int64_t i = 0; i < n; i++)

typedef struct {
    int logarithm;
    const distill_grid *rows;
    int64_t length, stride;
    const float *x, *y;
    float *out, *scratch;
} softmax_work;

int64_t distill_rows_scratch(int64_t length) {
    return 3 * length * (int64_t)sizeof(float) * distill_thread_count();
}

CLONES(void, softmax_row, (int logarithm, int64_t n, const float *x, float *out),
       (logarithm, n, x, out)) {
#pragma clang fp reassociate(on)
    float top = -INFINITY;
    for (int64_t i = 0; i < n; i++) top = x[i] > top ? x[i] : top;
    float total = 0;
    if (logarithm) {
        for (int64_t i = 0; i < n; i++) total += fast_exponential(x[i] - top);
        const float shift = top + logf(total);
        FOR(i, n) out[i] = x[i] - shift;
    } else {
        FOR(i, n) out[i] = fast_exponential(x[i] - top);
        for (int64_t i = 0; i < n; i++) total += out[i];
        const float scale = 1.0f / total;
        FOR(i, n) out[i] *= scale;
    }
}

CLONES(void, softmax_gradient_row,
       (int logarithm, int64_t n, const float *y, const float *g, float *out),
       (logarithm, n, y, g, out)) {
#pragma clang fp reassociate(on)
    float total = 0;
    if (logarithm) {
        for (int64_t i = 0; i < n; i++) total += g[i];
        FOR(i, n) out[i] = g[i] - fast_exponential(y[i]) * total;
    } else {
        for (int64_t i = 0; i < n; i++) total += g[i] * y[i];
        FOR(i, n) out[i] = y[i] * (g[i] - total);
    }
}

static const float *gathered(const float *from, int64_t n, int64_t stride, float *to) {
    if (stride == 1) return from;
    for (int64_t i = 0; i < n; i++) to[i] = from[i * stride];
    return to;
}

static void softmax_part(void *context, int64_t begin, int64_t end, int thread) {
    const softmax_work *work = context;
    const int64_t n = work->length, stride = work->stride;
    float *room = stride == 1 ? 0 : work->scratch + 3 * n * thread;
    for (int64_t k = begin; k < end; k++) {
        const int64_t offset = grid_offset(work->rows, work->rows->rank, 0, k);
        float *out = stride == 1 ? work->out + offset : room + 2 * n;
        const float *x = gathered(work->x + offset, n, stride, room);
        if (work->y) {
            const float *y = gathered(work->y + offset, n, stride, room + n);
            softmax_gradient_row(work->logarithm, n, y, x, out);
        } else {
            softmax_row(work->logarithm, n, x, out);
        }
        if (stride != 1)
            for (int64_t i = 0; i < n; i++) work->out[offset + i * stride] = out[i];
    }
}

static void run(softmax_work *work) {
    distill_parallel(grid_count(work->rows, work->rows->rank), 1, 2048 / (work->length + 1) + 1,
                     softmax_part, work);
}

void distill_softmax(int logarithm, const distill_grid *rows, int64_t length, int64_t stride,
                     const float *in, float *out, void *scratch) {
    softmax_work work = {logarithm, rows, length, stride, in, 0, out, scratch};
    run(&work);
}

void distill_softmax_gradient(int logarithm, const distill_grid *rows, int64_t length,
                              int64_t stride, const float *y, const float *g, float *out,
                              void *scratch) {
    softmax_work work = {logarithm, rows, length, stride, g, y, out, scratch};
    run(&work);
}

static void argmax_part(void *context, int64_t begin, int64_t end, int thread) {
    (void)thread;
    const softmax_work *work = context;
    for (int64_t k = begin; k < end; k++) {
        const float *x = work->x + grid_offset(work->rows, work->rows->rank, 1, k);
        int64_t best = 0;
        for (int64_t i = 1; i < work->length; i++)
            if (x[i * work->stride] > x[best * work->stride]) best = i;
        work->out[grid_offset(work->rows, work->rows->rank, 0, k)] = (float)best;
    }
}

void distill_argmax(const distill_grid *rows, int64_t length, int64_t stride, const float *in,
                    float *out) {
    softmax_work work = {0, rows, length, stride, in, 0, out, 0};
    distill_parallel(grid_count(rows, rows->rank), 1, 8192 / (length + 1) + 1, argmax_part, &work);
}
