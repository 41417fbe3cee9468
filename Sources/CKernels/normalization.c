#include "CKernelsNormalization.h"

#include <math.h>
#include <string.h>

#include "CKernelsParallel.h"
#include "clones.h"

// Channels lie innermost, so every loop runs over rows of channels. Statistics are taken about a shift (the
// first row), which keeps the difference of squares from cancelling, and leave float32 every ROWS rows.
#define ROWS 32
#define GRAIN 8192

int64_t distill_normalize_scratch(int64_t channels) {
    return channels * (int64_t)sizeof(double) * (2 * distill_thread_count() + 4);
}

typedef struct {
    int64_t channels;
    const float *x, *g, *more, *y, *residual, *mean;
    float *out, *masked;
    const float *a, *b, *c;
    double *partial;
} normalization;

// MARK: Moments

INLINE void moments_lanes(const float *x, int64_t rows, int64_t stride, const float *about,
                          lanes *sum, lanes *square) {
    const lanes shift = *(const lanes *)about;
    lanes s = {0}, q = {0};
    for (int64_t r = 0; r < rows; r++) {
        const lanes d = *(const lanes *)(x + r * stride) - shift;
        s += d;
        q += d * d;
    }
    *sum = s;
    *square = q;
}

CLONES static void moments_part(void *context, int64_t begin, int64_t end, int thread) {
    const normalization *work = context;
    const int64_t channels = work->channels;
    double *sum = work->partial + 2 * channels * thread, *square = sum + channels;
    for (int64_t start = begin; start < end; start += ROWS) {
        const int64_t rows = end - start < ROWS ? end - start : ROWS;
        const float *x = work->x + start * channels;
        int64_t c = 0;
        for (; c + LANES <= channels; c += LANES) {
            lanes s, q;
            moments_lanes(x + c, rows, channels, work->x + c, &s, &q);
            for (int k = 0; k < LANES; k++) {
                sum[c + k] += s[k];
                square[c + k] += q[k];
            }
        }
        for (; c < channels; c++) {
            float s = 0, q = 0;
            for (int64_t r = 0; r < rows; r++) {
                const float d = x[r * channels + c] - work->x[c];
                s += d;
                q += d * d;
            }
            sum[c] += s;
            square[c] += q;
        }
    }
}

/// Adds the threads' sums into the first thread's.
static void gather(double *partial, int64_t count) {
    for (int t = 1; t < distill_thread_count(); t++)
        for (int64_t k = 0; k < count; k++) partial[k] += partial[t * count + k];
}

void distill_channel_moments(int64_t rows, int64_t channels, const float *x, float *mean,
                             float *variance, float *unbiased, void *scratch) {
    normalization work = {.channels = channels, .x = x, .partial = scratch};
    memset(scratch, 0, (size_t)(2 * channels * distill_thread_count()) * sizeof(double));
    distill_parallel(rows, 1, GRAIN / channels + 1, moments_part, &work);
    gather(scratch, 2 * channels);
    const double *sum = scratch, *square = sum + channels;
    for (int64_t c = 0; c < channels; c++) {
        const double shifted = sum[c] / (double)rows;
        const double squares = square[c] - shifted * sum[c];
        const double positive = squares > 0 ? squares : 0;
        mean[c] = (float)(x[c] + shifted);
        variance[c] = (float)(positive / (double)rows);
        unbiased[c] = (float)(positive / (double)(rows > 1 ? rows - 1 : 1));
    }
}

// MARK: Normalising

#define NORMALIZE(expression)                                                                       \
    for (int64_t row = begin; row < end; row++) {                                                   \
        const float *x = work->x + row * channels;                                                  \
        const float *residual = work->residual + row * channels;                                    \
        float *y = work->out + row * channels;                                                      \
        (void)residual;                                                                             \
        _Pragma("clang loop vectorize(assume_safety)") for (int64_t i = 0; i < channels; i++) {     \
            const float value = expression;                                                         \
            y[i] = rectify ? (value > 0.0f ? value : 0.0f) : value;                                 \
        }                                                                                           \
    }

INLINE void normalize_rows(const normalization *work, int64_t begin, int64_t end, int adds,
                           const int rectify) {
    const int64_t channels = work->channels;
    const float *a = work->a, *b = work->b;
    if (adds) {
        NORMALIZE(a[i] * x[i] + b[i] + residual[i])
    } else {
        NORMALIZE(a[i] * x[i] + b[i])
    }
}

CLONES static void normalize_part(void *context, int64_t begin, int64_t end, int thread) {
    (void)thread;
    normalize_rows(context, begin, end, ((const normalization *)context)->residual != 0, 0);
}

CLONES static void normalize_rectified_part(void *context, int64_t begin, int64_t end, int thread) {
    (void)thread;
    normalize_rows(context, begin, end, ((const normalization *)context)->residual != 0, 1);
}

void distill_normalize(int64_t rows, int64_t channels, const float *x, const float *scale,
                       const float *offset, const float *mean, const float *variance,
                       float epsilon, const float *residual, int rectify, float *y, void *scratch) {
    float *a = scratch, *b = a + channels;
    for (int64_t c = 0; c < channels; c++) {
        const double factor = scale[c] / sqrt((double)variance[c] + epsilon);
        a[c] = (float)factor;
        b[c] = (float)(offset[c] - factor * mean[c]);
    }
    normalization work = {.channels = channels, .x = x, .residual = residual, .out = y, .a = a, .b = b};
    distill_parallel(rows, 1, GRAIN / channels + 1,
                     rectify ? normalize_rectified_part : normalize_part, &work);
}

// MARK: Gradient

typedef int mask_lanes __attribute__((vector_size(64)));

INLINE void gradient_lanes(const normalization *work, int64_t at, int64_t rows, int64_t c,
                           const int masks, lanes *sum, lanes *product) {
    const lanes mean = *(const lanes *)(work->mean + c);
    lanes s = {0}, p = {0};
    for (int64_t r = 0; r < rows; r++) {
        const int64_t i = at + r * work->channels;
        lanes g = *(const lanes *)(work->g + i);
        if (masks) {
            if (work->more) g += *(const lanes *)(work->more + i);
            if (work->y) {
                const mask_lanes keep = *(const lanes *)(work->y + i) > 0.0f;
                g = (lanes)((mask_lanes)g & keep);
            }
            if (work->masked) *(lanes *)(work->masked + i) = g;
        }
        s += g;
        p += g * (*(const lanes *)(work->x + i) - mean);
    }
    *sum = s;
    *product = p;
}

INLINE void gradient_sums(const normalization *work, int64_t begin, int64_t end, int thread,
                          const int masks) {
    const int64_t channels = work->channels;
    double *sum = work->partial + 2 * channels * thread, *product = sum + channels;
    for (int64_t start = begin; start < end; start += ROWS) {
        const int64_t rows = end - start < ROWS ? end - start : ROWS;
        int64_t c = 0;
        for (; c + LANES <= channels; c += LANES) {
            lanes s, p;
            gradient_lanes(work, start * channels + c, rows, c, masks, &s, &p);
            for (int k = 0; k < LANES; k++) {
                sum[c + k] += s[k];
                product[c + k] += p[k];
            }
        }
        for (; c < channels; c++) {
            float s = 0, p = 0;
            for (int64_t r = 0; r < rows; r++) {
                const int64_t i = (start + r) * channels + c;
                float g = work->g[i];
                if (work->more) g += work->more[i];
                if (work->y) g = work->y[i] > 0.0f ? g : 0.0f;
                if (work->masked) work->masked[i] = g;
                s += g;
                p += g * (work->x[i] - work->mean[c]);
            }
            sum[c] += s;
            product[c] += p;
        }
    }
}

CLONES static void gradient_sums_part(void *context, int64_t begin, int64_t end, int thread) {
    gradient_sums(context, begin, end, thread, 0);
}

CLONES static void masked_gradient_sums_part(void *context, int64_t begin, int64_t end, int thread) {
    gradient_sums(context, begin, end, thread, 1);
}

CLONES static void gradient_part(void *context, int64_t begin, int64_t end, int thread) {
    (void)thread;
    const normalization *work = context;
    const int64_t channels = work->channels;
    const float *a = work->a, *b = work->b, *c = work->c;
    for (int64_t row = begin; row < end; row++) {
        const float *x = work->x + row * channels, *g = work->g + row * channels;
        float *out = work->out + row * channels;
        if (work->y) {
            const float *y = work->y + row * channels;
            _Pragma("clang loop vectorize(assume_safety)") for (int64_t i = 0; i < channels; i++) {
                const float kept = y[i] > 0.0f ? g[i] : 0.0f;
                out[i] = a[i] * kept + b[i] * x[i] + c[i];
            }
        } else {
            _Pragma("clang loop vectorize(assume_safety)") for (int64_t i = 0; i < channels; i++) {
                out[i] = a[i] * g[i] + b[i] * x[i] + c[i];
            }
        }
    }
}

void distill_normalize_gradient(int64_t rows, int64_t channels, const float *g, const float *more,
                                const float *y, const float *x, const float *scale,
                                const float *mean, const float *variance, float epsilon,
                                float *masked, float *dx, float *dscale, float *doffset,
                                void *scratch) {
    double *partial = scratch;
    normalization work = {.channels = channels, .x = x, .g = g, .more = more, .y = y, .mean = mean,
                          .masked = masked, .partial = partial};
    const int threads = distill_thread_count();
    memset(partial, 0, (size_t)(2 * channels * threads) * sizeof(double));
    distill_parallel(rows, 1, GRAIN / channels + 1,
                     more || y || masked ? masked_gradient_sums_part : gradient_sums_part, &work);
    gather(partial, 2 * channels);
    float *a = (float *)(partial + 2 * channels * threads), *b = a + channels, *c = b + channels;
    for (int64_t k = 0; k < channels; k++) {
        const double inverse = 1.0 / sqrt((double)variance[k] + epsilon);
        const double sum = partial[k], product = partial[channels + k] * inverse;
        doffset[k] = (float)sum;
        dscale[k] = (float)product;
        const double factor = scale[k] * inverse;
        const double slope = -factor * inverse * product / (double)rows;
        a[k] = (float)factor;
        b[k] = (float)slope;
        c[k] = (float)(-factor * sum / (double)rows - slope * mean[k]);
    }
    // What was masked once need not be masked again.
    normalization apply = {.channels = channels, .x = x, .g = masked ? masked : g,
                           .y = masked ? 0 : y, .out = dx, .a = a, .b = b, .c = c};
    distill_parallel(rows, 1, GRAIN / channels + 1, gradient_part, &apply);
}
