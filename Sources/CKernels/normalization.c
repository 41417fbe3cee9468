#include "CKernelsNormalization.h"

#include <math.h>
#include <string.h>

#include "CKernelsParallel.h"
#include "images.h"

// Channels lie innermost, so every loop runs over rows of channels. Statistics are taken about a shift (the
// first row), which keeps the difference of squares from cancelling, and leave float32 every ROWS rows.
// Images are float32 or bfloat16; each function is compiled for both, as the constant `half` says.
#define ROWS 32
#define GRAIN 8192

int64_t distill_normalize_scratch(int64_t channels) {
    return channels * (int64_t)sizeof(double) * (2 * distill_thread_count() + 4);
}

typedef struct {
    int64_t channels;
    const void *x, *g, *more, *y, *residual;
    const float *mean;
    void *out, *masked;
    const float *a, *b, *c;
    float ceiling;
    double *partial;
} normalization;

// MARK: Moments

INLINE void moments(const normalization *work, int64_t begin, int64_t end, int thread,
                    const int half) {
    const int64_t channels = work->channels;
    double *sum = work->partial + 2 * channels * thread, *square = sum + channels;
    for (int64_t start = begin; start < end; start += ROWS) {
        const int64_t stop = end - start < ROWS ? end : start + ROWS;
        int64_t c = 0;
        for (; c + LANES <= channels; c += LANES) {
            lanes shift, s = {0}, q = {0};
            get_lanes(&shift, work->x, c, half);
            for (int64_t r = start; r < stop; r++) {
                lanes d;
                get_lanes(&d, work->x, r * channels + c, half);
                d -= shift;
                s += d;
                q += d * d;
            }
            for (int k = 0; k < LANES; k++) {
                sum[c + k] += s[k];
                square[c + k] += q[k];
            }
        }
        for (; c < channels; c++) {
            const float shift = get(work->x, c, half);
            float s = 0, q = 0;
            for (int64_t r = start; r < stop; r++) {
                const float d = get(work->x, r * channels + c, half) - shift;
                s += d;
                q += d * d;
            }
            sum[c] += s;
            square[c] += q;
        }
    }
}

FOR_BOTH(moments)

/// Adds the threads' sums into the first thread's.
static void gather(double *partial, int64_t count) {
    for (int t = 1; t < distill_thread_count(); t++)
        for (int64_t k = 0; k < count; k++) partial[k] += partial[t * count + k];
}

void distill_channel_moments(int64_t rows, int64_t channels, int half, const void *x, float *mean,
                             float *variance, float *unbiased, void *scratch) {
    normalization work = {.channels = channels, .x = x, .partial = scratch};
    memset(scratch, 0, (size_t)(2 * channels * distill_thread_count()) * sizeof(double));
    distill_parallel(rows, 1, GRAIN / channels + 1, half ? half_moments_part : moments_part, &work);
    gather(scratch, 2 * channels);
    const double *sum = scratch, *square = sum + channels;
    for (int64_t c = 0; c < channels; c++) {
        const double shifted = sum[c] / (double)rows;
        const double squares = square[c] - shifted * sum[c];
        const double positive = squares > 0 ? squares : 0;
        mean[c] = (float)(get(x, c, half) + shifted);
        variance[c] = (float)(positive / (double)rows);
        unbiased[c] = (float)(positive / (double)(rows > 1 ? rows - 1 : 1));
    }
}

// MARK: Normalising

#define NORMALIZE(expression)                                                                       \
    for (int64_t row = begin; row < end; row++) {                                                   \
        const int64_t at = row * channels;                                                          \
        _Pragma("clang loop vectorize(assume_safety)") for (int64_t i = 0; i < channels; i++) {     \
            const float x = get(work->x, at + i, half);                                             \
            put(work->out, at + i, expression, half);                                               \
        }                                                                                           \
    }

INLINE float limited(float value, float ceiling) {
    const float positive = value < 0.0f ? 0.0f : value;
    return positive > ceiling ? ceiling : positive;
}

INLINE void normalize(const normalization *work, int64_t begin, int64_t end, int thread,
                      const int half) {
    (void)thread;
    const int64_t channels = work->channels;
    const float *a = work->a, *b = work->b, ceiling = work->ceiling;
    if (work->residual) {
        if (ceiling > 0) {
            NORMALIZE(limited(a[i] * x + b[i] + get(work->residual, at + i, half), ceiling))
        } else {
            NORMALIZE(a[i] * x + b[i] + get(work->residual, at + i, half))
        }
    } else if (ceiling > 0) {
        NORMALIZE(limited(a[i] * x + b[i], ceiling))
    } else {
        NORMALIZE(a[i] * x + b[i])
    }
}

FOR_BOTH(normalize)

void distill_normalize(int64_t rows, int64_t channels, int half, const void *x, const float *scale,
                       const float *offset, const float *mean, const float *variance,
                       float epsilon, const void *residual, float ceiling, void *y, void *scratch) {
    float *a = scratch, *b = a + channels;
    for (int64_t c = 0; c < channels; c++) {
        const double factor = scale[c] / sqrt((double)variance[c] + epsilon);
        a[c] = (float)factor;
        b[c] = (float)(offset[c] - factor * mean[c]);
    }
    normalization work = {.channels = channels, .x = x, .residual = residual, .out = y, .a = a, .b = b,
                          .ceiling = ceiling};
    distill_parallel(rows, 1, GRAIN / channels + 1, half ? half_normalize_part : normalize_part,
                     &work);
}

// MARK: Gradient

typedef int mask_lanes __attribute__((vector_size(64)));

/// What flows into the normalisation: the sum of one or two gradients, where the activation let it pass.
INLINE void incoming_lanes(lanes *result, const normalization *work, int64_t i, const int half,
                           const int adds, const int masks) {
    lanes g, other;
    get_lanes(&g, work->g, i, half);
    if (adds) {
        get_lanes(&other, work->more, i, half);
        g += other;
    }
    if (masks) {
        get_lanes(&other, work->y, i, half);
        g = (lanes)((mask_lanes)g & ((other > 0.0f) & (other < work->ceiling)));
    }
    *result = g;
}

INLINE float incoming(const normalization *work, int64_t i, const int half, const int adds,
                      const int masks) {
    float g = get(work->g, i, half);
    if (adds) g += get(work->more, i, half);
    if (masks) {
        const float y = get(work->y, i, half);
        g = y > 0.0f && y < work->ceiling ? g : 0.0f;
    }
    return g;
}

INLINE void gradient_sums_of(const normalization *work, int64_t begin, int64_t end, int thread,
                             const int half, const int adds, const int masks) {
    const int64_t channels = work->channels;
    double *sum = work->partial + 2 * channels * thread, *product = sum + channels;
    for (int64_t start = begin; start < end; start += ROWS) {
        const int64_t stop = end - start < ROWS ? end : start + ROWS;
        int64_t c = 0;
        for (; c + LANES <= channels; c += LANES) {
            const lanes mean = *(const lanes *)(work->mean + c);
            lanes s = {0}, p = {0};
            for (int64_t r = start; r < stop; r++) {
                const int64_t i = r * channels + c;
                lanes g, x;
                incoming_lanes(&g, work, i, half, adds, masks);
                get_lanes(&x, work->x, i, half);
                if (work->masked) put_lanes(work->masked, i, &g, half);
                s += g;
                p += g * (x - mean);
            }
            for (int k = 0; k < LANES; k++) {
                sum[c + k] += s[k];
                product[c + k] += p[k];
            }
        }
        for (; c < channels; c++) {
            float s = 0, p = 0;
            for (int64_t r = start; r < stop; r++) {
                const int64_t i = r * channels + c;
                const float g = incoming(work, i, half, adds, masks);
                if (work->masked) put(work->masked, i, g, half);
                s += g;
                p += g * (get(work->x, i, half) - work->mean[c]);
            }
            sum[c] += s;
            product[c] += p;
        }
    }
}

INLINE void gradient_sums(const normalization *work, int64_t begin, int64_t end, int thread,
                          const int half) {
    if (work->more && work->y) {
        gradient_sums_of(work, begin, end, thread, half, 1, 1);
    } else if (work->more) {
        gradient_sums_of(work, begin, end, thread, half, 1, 0);
    } else if (work->y) {
        gradient_sums_of(work, begin, end, thread, half, 0, 1);
    } else {
        gradient_sums_of(work, begin, end, thread, half, 0, 0);
    }
}

FOR_BOTH(gradient_sums)

INLINE void gradient(const normalization *work, int64_t begin, int64_t end, int thread,
                     const int half) {
    (void)thread;
    const int64_t channels = work->channels;
    const float *a = work->a, *b = work->b, *c = work->c, ceiling = work->ceiling;
    for (int64_t row = begin; row < end; row++) {
        const int64_t at = row * channels;
        if (work->y) {
            _Pragma("clang loop vectorize(assume_safety)") for (int64_t i = 0; i < channels; i++) {
                const float y = get(work->y, at + i, half), g = get(work->g, at + i, half);
                const float above = y > 0.0f ? g : 0.0f;
                const float kept = y < ceiling ? above : 0.0f;
                put(work->out, at + i, a[i] * kept + b[i] * get(work->x, at + i, half) + c[i], half);
            }
        } else {
            _Pragma("clang loop vectorize(assume_safety)") for (int64_t i = 0; i < channels; i++) {
                const float g = get(work->g, at + i, half);
                put(work->out, at + i, a[i] * g + b[i] * get(work->x, at + i, half) + c[i], half);
            }
        }
    }
}

FOR_BOTH(gradient)

void distill_normalize_gradient(int64_t rows, int64_t channels, int half, const void *g,
                                const void *more, const void *y, float ceiling, const void *x,
                                const float *scale, const float *mean, const float *variance,
                                float epsilon, void *masked, void *dx, float *dscale,
                                float *doffset, void *scratch) {
    double *partial = scratch;
    normalization work = {.channels = channels, .x = x, .g = g, .more = more, .y = y, .mean = mean,
                          .masked = masked, .ceiling = ceiling, .partial = partial};
    const int threads = distill_thread_count();
    memset(partial, 0, (size_t)(2 * channels * threads) * sizeof(double));
    distill_parallel(rows, 1, GRAIN / channels + 1,
                     half ? half_gradient_sums_part : gradient_sums_part, &work);
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
                           .y = masked ? 0 : y, .out = dx, .a = a, .b = b, .c = c,
                           .ceiling = ceiling};
    distill_parallel(rows, 1, GRAIN / channels + 1, half ? half_gradient_part : gradient_part,
                     &apply);
}
