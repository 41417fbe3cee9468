#include <stdlib.h>
#include <string.h>

#include "parts.h"

struct distill_convolution {
    convolution_parts parts;
    int kind, has_bias;
};

static dnnl_status_t describe_attributes(dnnl_primitive_attr_t *attributes,
                                         const distill_convolution_options *options) {
    dnnl_post_ops_t operations = NULL;
    dnnl_status_t status;
    TRY(caller_scratch(attributes));
    if (options->adds_output || options->rectifies) {
        TRY(dnnl_post_ops_create(&operations));
        if (options->adds_output) TRY(append_sum(operations));
        if (options->rectifies) TRY(append_rectifier(operations));
        TRY(dnnl_primitive_attr_set_post_ops(*attributes, operations));
    }
failed:
    if (operations) dnnl_post_ops_destroy(operations);
    return status;
}

static int is_direct(const_dnnl_primitive_desc_t description) {
    const char *name = NULL;
    return dnnl_primitive_desc_query(description, dnnl_query_impl_info_str, 0, &name) == dnnl_success &&
           strncmp(name, "jit", 3) == 0;
}

dnnl_status_t describe_directly(dnnl_primitive_desc_t *primitive, distill_engine *engine,
                                const convolution_description *d,
                                const_dnnl_primitive_attr_t attributes,
                                const_dnnl_primitive_desc_t forward) {
    dnnl_status_t found = describe_convolution(primitive, engine->engine, d, attributes, forward);
    if (found != dnnl_success) return found;
    for (int place = 1; found == dnnl_success && !is_direct(*primitive); place++)
        found = describe_next(primitive, engine->engine, d, attributes, forward, place);
    if (found == dnnl_success) return found;
    // None is direct: the first one, as if nothing had been asked for.
    if (*primitive) dnnl_primitive_desc_destroy(*primitive);
    *primitive = NULL;
    return describe_convolution(primitive, engine->engine, d, attributes, forward);
}

/// The description of the primitive and, for a gradient, of the forward pass that it belongs to.
static dnnl_status_t describe(distill_convolution *c, distill_engine *engine,
                              const distill_convolution_options *o) {
    const distill_convolution_shape *s = &o->shape;
    convolution_description d = {
        .image = &c->parts.image, .weights = &c->parts.weights, .result = &c->parts.result,
        .bias = o->has_bias ? &c->parts.bias : NULL,
        .stride = {s->stride[0], s->stride[1]},
        .dilation = {s->dilation[0] - 1, s->dilation[1] - 1},
        .pad_before = {s->pad_top, s->pad_left}, .pad_after = {s->pad_bottom, s->pad_right}};
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_primitive_desc_t forward = NULL;
    distill_layout any = {0};
    dnnl_status_t status;
    TRY(describe_attributes(&attributes, o));
    d.propagation = o->kind == DISTILL_FORWARD_TRAINING ? dnnl_forward_training
                                                        : dnnl_forward_inference;
    if (o->kind == DISTILL_BACKWARD_DATA || o->kind == DISTILL_BACKWARD_WEIGHTS) {
        TRY(any_weights(&any, s, o->half ? dnnl_bf16 : dnnl_f32));
        d.propagation = dnnl_forward_training;
        d.weights = &any;
        TRY(describe_convolution(&forward, engine->engine, &d, attributes, NULL));
        d.weights = &c->parts.weights;
        d.propagation = o->kind == DISTILL_BACKWARD_DATA ? dnnl_backward_data : dnnl_backward_weights;
    }
    if (o->prefers_direct) {
        TRY(describe_directly(&c->parts.description, engine, &d, attributes, forward));
    } else {
        TRY(describe_convolution(&c->parts.description, engine->engine, &d, attributes, forward));
    }
failed:
    if (forward) dnnl_primitive_desc_destroy(forward);
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    layout_clear(&any);
    return status;
}

static dnnl_status_t bind(distill_convolution *c) {
    dnnl_status_t status;
    switch (c->kind) {
    case DISTILL_BACKWARD_DATA:
        TRY(bound_add(&c->parts.bound, DNNL_ARG_DIFF_SRC, &c->parts.image));
        TRY(bound_add(&c->parts.bound, DNNL_ARG_WEIGHTS, &c->parts.weights));
        TRY(bound_add(&c->parts.bound, DNNL_ARG_DIFF_DST, &c->parts.result));
        break;
    case DISTILL_BACKWARD_WEIGHTS:
        TRY(bound_add(&c->parts.bound, DNNL_ARG_SRC, &c->parts.image));
        TRY(bound_add(&c->parts.bound, DNNL_ARG_DIFF_WEIGHTS, &c->parts.weights));
        TRY(bound_add(&c->parts.bound, DNNL_ARG_DIFF_DST, &c->parts.result));
        break;
    default:
        TRY(bound_add(&c->parts.bound, DNNL_ARG_SRC, &c->parts.image));
        TRY(bound_add(&c->parts.bound, DNNL_ARG_WEIGHTS, &c->parts.weights));
        TRY(bound_add(&c->parts.bound, DNNL_ARG_DST, &c->parts.result));
    }
    TRY(bound_add(&c->parts.bound, DNNL_ARG_SCRATCHPAD, &c->parts.scratch));
    if (c->has_bias)
        TRY(bound_add(&c->parts.bound, c->kind == DISTILL_BACKWARD_WEIGHTS ? DNNL_ARG_DIFF_BIAS : DNNL_ARG_BIAS,
                      &c->parts.bias));
failed:
    return status;
}

distill_status distill_convolution_create(distill_convolution **result, distill_engine *engine,
                                          const distill_convolution_options *options,
                                          const distill_layout *weights) {
    const dnnl_data_type_t element = options->half ? dnnl_bf16 : dnnl_f32;
    const int is_gradient = options->kind == DISTILL_BACKWARD_WEIGHTS;
    dnnl_status_t status;
    distill_convolution *c = calloc(1, sizeof *c);
    if (c == NULL) return dnnl_out_of_memory;
    c->parts.bound.engine = engine;
    c->kind = options->kind;
    c->has_bias = options->has_bias;
    // A gradient that is summed over a batch is as wide as the parameter that it changes.
    const convolution_elements elements = {element, is_gradient ? dnnl_f32 : element, element};
    TRY(parts_describe_operands(&c->parts, &options->shape, elements, weights));
    TRY(describe(c, engine, options));
    TRY(parts_complete(&c->parts, is_gradient ? dnnl_query_diff_weights_md : dnnl_query_weights_md));
    TRY(bind(c));
    *result = c;
    return dnnl_success;
failed:
    distill_convolution_destroy(c);
    return status;
}

void distill_convolution_destroy(distill_convolution *c) {
    if (c == NULL) return;
    parts_clear(&c->parts);
    free(c);
}

const distill_layout *distill_convolution_weights(const distill_convolution *c) {
    return &c->parts.weights;
}

size_t distill_convolution_scratch(const distill_convolution *c) { return c->parts.scratch_size; }

const char *distill_convolution_implementation(const distill_convolution *c) {
    return c->parts.implementation;
}

distill_status distill_convolution_run(distill_convolution *c, void *image, void *weights,
                                       void *bias, void *result, void *scratch) {
    void *addresses[MAXIMUM_ARGUMENTS] = {image, weights, result, scratch, bias};
    return bound_run(&c->parts.bound, addresses);
}
