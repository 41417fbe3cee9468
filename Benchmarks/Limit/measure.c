#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "CLimit.h"
#include "compatibility.h"

#define MAXIMUM_ARGUMENTS 16
#define MAXIMUM_REPETITIONS 60
/// Seconds of repetitions that a median is taken of, at least five.
#define MEASURED_SECONDS 0.15
/// How much slower than the quickest an implementation may be at its second run to be measured at all.
#define WORTH_MEASURING 1.3

/// Leaves the function by its `failed` label with the status unless the call succeeds.
#define TRY(call)                                                                                   \
    do {                                                                                            \
        status = (call);                                                                            \
        if (status != dnnl_success) goto failed;                                                    \
    } while (0)

const int limit_unimplemented = dnnl_unimplemented;

typedef struct {
    dnnl_engine_t engine;
    dnnl_stream_t stream;
} machine;

/// A primitive with memory of its own for every operand.
typedef struct {
    dnnl_primitive_t primitive;
    int count;
    dnnl_exec_arg_t arguments[MAXIMUM_ARGUMENTS];
} runnable;

// MARK: Operands

static const int operands[] = {
    DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_BIAS, DNNL_ARG_DST, DNNL_ARG_MEAN, DNNL_ARG_VARIANCE,
    DNNL_ARG_SCALE, DNNL_ARG_SHIFT, DNNL_ARG_DIFF_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST,
    DNNL_ARG_DIFF_SCALE, DNNL_ARG_DIFF_SHIFT, DNNL_ARG_WORKSPACE};

/// Fills memory with values that neither vanish nor overflow: variances in [.25, 1.25), others in [-.5, .5).
static dnnl_status_t fill(dnnl_memory_t memory, dnnl_data_type_t element, size_t size, int operand) {
    void *data;
    const dnnl_status_t status = dnnl_memory_get_data_handle(memory, &data);
    if (status != dnnl_success) return status;
    if (element != dnnl_f32 && element != dnnl_bf16) {
        // A workspace: masks where half of the elements pass.
        memset(data, 0x55, size);
        return dnnl_success;
    }
    const float shift = operand == DNNL_ARG_VARIANCE ? 0.25f : -0.5f;
    uint32_t random = 12345;
    for (size_t k = 0; k < size / (element == dnnl_f32 ? 4 : 2); k++) {
        random = random * 1664525u + 1013904223u;
        const float value = (float)(random >> 8) * 0x1p-24f + shift;
        if (element == dnnl_f32) {
            ((float *)data)[k] = value;
        } else {
            uint32_t bits;
            memcpy(&bits, &value, sizeof bits);
            ((uint16_t *)data)[k] = (uint16_t)(bits >> 16);
        }
    }
    return dnnl_success;
}

static void clear(runnable *r) {
    for (int k = 0; k < r->count; k++) dnnl_memory_destroy(r->arguments[k].memory);
    if (r->primitive) dnnl_primitive_destroy(r->primitive);
    memset(r, 0, sizeof *r);
}

static dnnl_status_t prepare(runnable *r, machine *m, const_dnnl_primitive_desc_t description) {
    dnnl_status_t status;
    memset(r, 0, sizeof *r);
    for (size_t k = 0; k < sizeof operands / sizeof *operands; k++) {
        const_dnnl_memory_desc_t found =
            dnnl_primitive_desc_query_md(description, dnnl_query_exec_arg_md, operands[k]);
        const size_t size = found ? dnnl_memory_desc_get_size(found) : 0;
        if (size == 0) continue;
        dnnl_memory_t memory;
        TRY(dnnl_memory_create(&memory, found, m->engine, DNNL_MEMORY_ALLOCATE));
        r->arguments[r->count++] = (dnnl_exec_arg_t){operands[k], memory};
        TRY(fill(memory, limit_element_of(found), size, operands[k]));
    }
    TRY(dnnl_primitive_create(&r->primitive, description));
    return dnnl_success;
failed:
    clear(r);
    return status;
}

static dnnl_status_t run(const runnable *r, machine *m, double *seconds) {
    struct timespec start, end;
    clock_gettime(CLOCK_MONOTONIC, &start);
    dnnl_status_t status = dnnl_primitive_execute(r->primitive, m->stream, r->count, r->arguments);
    if (status == dnnl_success) status = dnnl_stream_wait(m->stream);
    clock_gettime(CLOCK_MONOTONIC, &end);
    *seconds =
        (double)(end.tv_sec - start.tv_sec) + 1e-9 * (double)(end.tv_nsec - start.tv_nsec);
    return status;
}

// MARK: Descriptions

static dnnl_status_t describe_convolution(description *d, const limit_operator *o,
                                          dnnl_data_type_t element) {
    const dnnl_dims_t image = {o->batch, o->inputs, o->height, o->width};
    const dnnl_dims_t result = {o->batch, o->outputs, o->out_height, o->out_width};
    const dnnl_dims_t kernel = {o->groups, o->outputs / o->groups, o->inputs / o->groups,
                                o->kernel[0], o->kernel[1]};
    const dnnl_dims_t bias = {o->outputs};
    const int grouped = o->groups > 1;
    dnnl_status_t status;
    d->family = CONVOLUTION;
    d->algorithm = dnnl_convolution_direct;
    d->has_bias = o->has_bias;
    d->propagation = o->kind == LIMIT_CONVOLUTION_INPUT_GRADIENT    ? dnnl_backward_data
                     : o->kind == LIMIT_CONVOLUTION_WEIGHT_GRADIENT ? dnnl_backward_weights
                     : o->has_bias                                  ? dnnl_forward_inference
                                                                    : dnnl_forward_training;
    TRY(limit_layout_make(&d->source, 4, image, element, dnnl_nhwc));
    TRY(limit_layout_make(&d->result, 4, result, element, dnnl_nhwc));
    TRY(limit_layout_make(&d->bias, 1, bias, dnnl_f32, dnnl_a));
    TRY(limit_layout_make(&d->weights, grouped ? 5 : 4, grouped ? kernel : kernel + 1,
                    d->propagation == dnnl_backward_weights ? dnnl_f32 : element,
                    dnnl_format_tag_any));
    TRY(limit_layout_make(&d->forward_weights, grouped ? 5 : 4, grouped ? kernel : kernel + 1, element,
                    dnnl_format_tag_any));
    for (int axis = 0; axis < 2; axis++) d->dilation[axis] = o->dilation[axis] - 1;
failed:
    return status;
}

static dnnl_status_t describe_image(description *d, const limit_operator *o,
                                    dnnl_data_type_t element) {
    const int pools = o->kind == LIMIT_POOL || o->kind == LIMIT_POOL_GRADIENT;
    const int backward = o->kind == LIMIT_POOL_GRADIENT || o->kind == LIMIT_NORMALIZATION_GRADIENT;
    const dnnl_dims_t image = {o->batch, o->inputs, o->height, o->width};
    const dnnl_dims_t result = {o->batch, o->inputs, o->out_height, o->out_width};
    dnnl_status_t status;
    d->family = pools ? POOL : NORMALIZATION;
    d->propagation = !backward ? dnnl_forward_training
                     : pools   ? dnnl_backward_data
                               : dnnl_backward;
    d->flags = (unsigned)dnnl_use_scale | (unsigned)dnnl_use_shift;
    if (o->rectifies) d->flags |= (unsigned)dnnl_fuse_norm_relu;
    d->algorithm = o->is_maximum       ? dnnl_pooling_max
                   : o->counts_padding ? dnnl_pooling_avg_include_padding
                                       : dnnl_pooling_avg_exclude_padding;
    TRY(limit_layout_make(&d->source, 4, image, element, dnnl_nhwc));
    if (pools) TRY(limit_layout_make(&d->result, 4, result, element, dnnl_nhwc));
failed:
    return status;
}

static dnnl_status_t describe_product(description *d, const limit_operator *o,
                                      dnnl_data_type_t element) {
    const dnnl_dims_t left = {o->batch, o->inputs}, right = {o->inputs, o->outputs};
    const dnnl_dims_t result = {o->batch, o->outputs};
    dnnl_status_t status;
    d->family = PRODUCT;
    d->propagation = dnnl_forward_inference;
    TRY(limit_layout_make(&d->source, 2, left, element, o->transposes_left ? dnnl_ba : dnnl_ab));
    TRY(limit_layout_make(&d->weights, 2, right, element,
                    o->right_is_weight    ? dnnl_format_tag_any
                    : o->transposes_right ? dnnl_ba
                                          : dnnl_ab));
    TRY(limit_layout_make(&d->result, 2, result, o->float_result ? dnnl_f32 : element, dnnl_ab));
failed:
    return status;
}

static dnnl_status_t describe(description *d, const limit_operator *o) {
    const dnnl_data_type_t element = o->element == LIMIT_BFLOAT16 ? dnnl_bf16 : dnnl_f32;
    memset(d, 0, sizeof *d);
    for (int axis = 0; axis < 2; axis++) {
        d->kernel[axis] = o->kernel[axis];
        d->stride[axis] = o->stride[axis];
        d->pad_before[axis] = o->pad_before[axis];
        d->pad_after[axis] = o->pad_after[axis];
    }
    switch (o->kind) {
    case LIMIT_PRODUCT: return describe_product(d, o, element);
    case LIMIT_NORMALIZATION:
    case LIMIT_NORMALIZATION_GRADIENT:
    case LIMIT_POOL:
    case LIMIT_POOL_GRADIENT: return describe_image(d, o, element);
    default: return describe_convolution(d, o, element);
    }
}

static dnnl_status_t describe_attributes(dnnl_primitive_attr_t *attributes,
                                         const limit_operator *o) {
    const int rectifies = o->kind == LIMIT_CONVOLUTION && o->rectifies;
    dnnl_post_ops_t operations = NULL;
    dnnl_status_t status;
    TRY(dnnl_primitive_attr_create(attributes));
    if (o->adds_output || rectifies) {
        TRY(dnnl_post_ops_create(&operations));
        if (o->adds_output) TRY(limit_append_sum(operations));
        if (rectifies) TRY(limit_append_rectifier(operations));
        TRY(dnnl_primitive_attr_set_post_ops(*attributes, operations));
    }
failed:
    if (operations) dnnl_post_ops_destroy(operations);
    return status;
}

// MARK: Measuring

static int ascending(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static dnnl_status_t median(const runnable *r, machine *m, double once, double *seconds) {
    double times[MAXIMUM_REPETITIONS];
    int count = once > 0 ? (int)(MEASURED_SECONDS / once) : MAXIMUM_REPETITIONS;
    if (count < 5) count = 5;
    if (count > MAXIMUM_REPETITIONS) count = MAXIMUM_REPETITIONS;
    dnnl_status_t status;
    for (int k = 0; k < count; k++) TRY(run(r, m, &times[k]));
    qsort(times, (size_t)count, sizeof *times, ascending);
    *seconds = times[count / 2];
failed:
    return status;
}

/// Times one implementation and keeps it if it is the first or the quickest.
///
/// `workspace`: what the forward pass left for the gradient of a pool, or null.
static dnnl_status_t consider(limit_time *time, machine *m, const_dnnl_primitive_desc_t description,
                              const dnnl_exec_arg_t *workspace) {
    runnable r = {0};
    const char *name = "";
    double seconds = 0;
    dnnl_status_t status;
    TRY(dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, (void *)&name));
    const int is_first = time->seconds == 0;
    // Reference implementations are the last ones and may take minutes.
    if (!is_first && strstr(name, "ref")) return dnnl_success;
    TRY(prepare(&r, m, description));
    dnnl_exec_arg_t own = {0};
    for (int k = 0; workspace && k < r.count; k++) {
        if (r.arguments[k].arg != DNNL_ARG_WORKSPACE) continue;
        own = r.arguments[k];
        r.arguments[k] = *workspace;
    }
    TRY(run(&r, m, &seconds));
    TRY(run(&r, m, &seconds));
    if (is_first || seconds < WORTH_MEASURING * time->seconds) TRY(median(&r, m, seconds, &seconds));
    if (is_first) {
        time->first_seconds = seconds;
        strncpy(time->first_implementation, name, LIMIT_NAME_LENGTH - 1);
    }
    if (is_first || seconds < time->seconds) {
        time->seconds = seconds;
        strncpy(time->implementation, name, LIMIT_NAME_LENGTH - 1);
    }
failed:
    for (int k = 0; own.memory && k < r.count; k++)
        if (r.arguments[k].arg == DNNL_ARG_WORKSPACE) r.arguments[k] = own;
    clear(&r);
    return status;
}

static dnnl_status_t consider_all(limit_time *time, machine *m, const description *d,
                                  const_dnnl_primitive_attr_t attributes,
                                  const_dnnl_primitive_desc_t forward,
                                  const dnnl_exec_arg_t *workspace) {
    candidates list;
    dnnl_status_t status = limit_candidates_begin(&list, m->engine, d, attributes, forward);
    if (status != dnnl_success) {
        limit_candidates_end(&list);
        return status;
    }
    do {
        // The first one counts; a later one that does not run is none.
        const dnnl_status_t found = consider(time, m, list.current, workspace);
        if (found != dnnl_success && time->seconds == 0) status = found;
    } while (status == dnnl_success && limit_candidates_next(&list) == dnnl_success);
    limit_candidates_end(&list);
    return status;
}

/// Gradients are described for a forward pass; that of a pool also needs what the pass leaves.
static dnnl_status_t consider_gradient(limit_time *time, machine *m, const description *d,
                                       const_dnnl_primitive_attr_t attributes) {
    description forward = *d;
    candidates list = {0};
    runnable pass = {0};
    dnnl_status_t status;
    forward.propagation = dnnl_forward_training;
    if (d->family == CONVOLUTION) forward.weights = d->forward_weights;
    TRY(limit_candidates_begin(&list, m->engine, &forward, attributes, NULL));
    if (d->family == POOL) {
        double seconds;
        const dnnl_exec_arg_t *workspace = NULL;
        TRY(prepare(&pass, m, list.current));
        TRY(run(&pass, m, &seconds));
        for (int k = 0; k < pass.count; k++)
            if (pass.arguments[k].arg == DNNL_ARG_WORKSPACE) workspace = &pass.arguments[k];
        TRY(consider_all(time, m, d, attributes, list.current, workspace));
    } else {
        TRY(consider_all(time, m, d, attributes, list.current, NULL));
    }
failed:
    clear(&pass);
    limit_candidates_end(&list);
    return status;
}

int limit_measure(const limit_operator *o, limit_time *time) {
    machine m = {0};
    description d = {0};
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_status_t status;
    memset(time, 0, sizeof *time);
    TRY(dnnl_engine_create(&m.engine, dnnl_cpu, 0));
    TRY(dnnl_stream_create(&m.stream, m.engine, dnnl_stream_default_flags));
    TRY(describe(&d, o));
    TRY(describe_attributes(&attributes, o));
    if (d.propagation == dnnl_forward_training || d.propagation == dnnl_forward_inference) {
        TRY(consider_all(time, &m, &d, attributes, NULL, NULL));
    } else {
        TRY(consider_gradient(time, &m, &d, attributes));
    }
failed:
    limit_layout_clear(&d.source);
    limit_layout_clear(&d.weights);
    limit_layout_clear(&d.forward_weights);
    limit_layout_clear(&d.bias);
    limit_layout_clear(&d.result);
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    if (m.stream) dnnl_stream_destroy(m.stream);
    if (m.engine) dnnl_engine_destroy(m.engine);
    return status;
}
