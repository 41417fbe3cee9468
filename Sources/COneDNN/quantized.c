#include <stdlib.h>

#include "parts.h"

struct distill_quantized_convolution {
    convolution_parts parts;
    int has_bias;
    distill_layout scales;
};

static dnnl_data_type_t element_of(int element) {
    switch (element) {
    case DISTILL_UNSIGNED_BYTE: return dnnl_u8;
    case DISTILL_SIGNED_BYTE: return dnnl_s8;
    default: return dnnl_f32;
    }
}

static dnnl_status_t describe_attributes(dnnl_primitive_attr_t *attributes,
                                         const distill_quantized_options *o, const float *scales) {
    dnnl_post_ops_t operations = NULL;
    dnnl_status_t status;
    TRY(caller_scratch(attributes));
    TRY(set_channel_scales(*attributes, o->shape.outputs, o->shape.groups > 1, scales));
    TRY(dnnl_post_ops_create(&operations));
    if (o->adds_output)
        TRY(append_scaled_sum(operations, o->residual_scale, element_of(o->residual)));
    if (o->rectifies) TRY(append_rectifier(operations));
    TRY(dnnl_primitive_attr_set_post_ops(*attributes, operations));
failed:
    if (operations) dnnl_post_ops_destroy(operations);
    return status;
}

static dnnl_status_t describe(distill_quantized_convolution *c, distill_engine *engine,
                              const distill_quantized_options *o, const float *scales) {
    const distill_convolution_shape *s = &o->shape;
    const convolution_description d = {
        .propagation = dnnl_forward_inference,
        .image = &c->parts.image, .weights = &c->parts.weights, .result = &c->parts.result,
        .bias = o->has_bias ? &c->parts.bias : NULL,
        .stride = {s->stride[0], s->stride[1]},
        .dilation = {s->dilation[0] - 1, s->dilation[1] - 1},
        .pad_before = {s->pad_top, s->pad_left}, .pad_after = {s->pad_bottom, s->pad_right}};
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_status_t status;
    TRY(describe_attributes(&attributes, o, scales));
    // By measurement: batched products are never clearly faster, and much slower where a residual is added.
    TRY(describe_directly(&c->parts.description, engine, &d, attributes, NULL));
failed:
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    return status;
}

static dnnl_status_t bind(distill_quantized_convolution *c) {
    dnnl_status_t status;
    TRY(bound_add(&c->parts.bound, DNNL_ARG_SRC, &c->parts.image));
    TRY(bound_add(&c->parts.bound, DNNL_ARG_WEIGHTS, &c->parts.weights));
    TRY(bound_add(&c->parts.bound, DNNL_ARG_DST, &c->parts.result));
    TRY(bound_add(&c->parts.bound, DNNL_ARG_SCRATCHPAD, &c->parts.scratch));
    if (SCALES_ARE_ARGUMENTS) TRY(bound_add(&c->parts.bound, ARGUMENT_SCALES, &c->scales));
    if (c->has_bias) TRY(bound_add(&c->parts.bound, DNNL_ARG_BIAS, &c->parts.bias));
failed:
    return status;
}

distill_status distill_quantized_create(distill_quantized_convolution **result,
                                        distill_engine *engine,
                                        const distill_quantized_options *options,
                                        const float *scales) {
    const dnnl_dims_t channels = {options->shape.outputs};
    const convolution_elements elements = {element_of(options->image), dnnl_s8,
                                           element_of(options->result)};
    dnnl_status_t status;
    distill_quantized_convolution *c = calloc(1, sizeof *c);
    if (c == NULL) return dnnl_out_of_memory;
    c->parts.bound.engine = engine;
    c->has_bias = options->has_bias;
    TRY(parts_describe_operands(&c->parts, &options->shape, elements, NULL));
    TRY(layout_with_tag(&c->scales, 1, channels, dnnl_f32, dnnl_a));
    TRY(describe(c, engine, options, scales));
    TRY(parts_complete(&c->parts, dnnl_query_weights_md));
    TRY(bind(c));
    *result = c;
    return dnnl_success;
failed:
    distill_quantized_destroy(c);
    return status;
}

void distill_quantized_destroy(distill_quantized_convolution *c) {
    if (c == NULL) return;
    parts_clear(&c->parts);
    layout_clear(&c->scales);
    free(c);
}

const distill_layout *distill_quantized_weights(const distill_quantized_convolution *c) {
    return &c->parts.weights;
}

size_t distill_quantized_scratch(const distill_quantized_convolution *c) { return c->parts.scratch_size; }

const char *distill_quantized_implementation(const distill_quantized_convolution *c) {
    return c->parts.implementation;
}

int distill_quantized_bias_is_scaled(void) { return BIAS_IS_SCALED; }

distill_status distill_quantized_run(distill_quantized_convolution *c, const void *image,
                                     const void *weights, const float *bias, const float *scales,
                                     void *result, void *scratch) {
    void *addresses[MAXIMUM_ARGUMENTS] = {(void *)image, (void *)weights, result, scratch};
    int count = 4;
    if (SCALES_ARE_ARGUMENTS) addresses[count++] = (void *)scales;
    if (c->has_bias) addresses[count] = (void *)bias;
    return bound_run(&c->parts.bound, addresses);
}
