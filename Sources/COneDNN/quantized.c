#include <stdlib.h>

#include "engine.h"

struct distill_quantized_convolution {
    bound_primitive bound;
    int has_bias;
    distill_layout image, weights, bias, result, scratch, scales;
    size_t scratch_size;
    const char *implementation;
    dnnl_primitive_desc_t description;
};

static dnnl_data_type_t element_of(int element) {
    switch (element) {
    case DISTILL_UNSIGNED_BYTE: return dnnl_u8;
    case DISTILL_SIGNED_BYTE: return dnnl_s8;
    default: return dnnl_f32;
    }
}

static dnnl_status_t describe_operands(distill_quantized_convolution *c,
                                       const distill_quantized_options *o) {
    const distill_convolution_shape *s = &o->shape;
    const dnnl_dims_t image = {s->batch, s->inputs, s->height, s->width};
    const dnnl_dims_t result = {s->batch, s->outputs, s->out_height, s->out_width};
    const dnnl_dims_t kernel = {s->groups, s->outputs / s->groups, s->inputs / s->groups,
                                s->kernel[0], s->kernel[1]};
    const dnnl_dims_t channels = {s->outputs};
    const int grouped = s->groups > 1;
    dnnl_status_t status;
    TRY(layout_with_tag(&c->image, 4, image, element_of(o->image), dnnl_nhwc));
    TRY(layout_with_tag(&c->result, 4, result, element_of(o->result), dnnl_nhwc));
    TRY(layout_with_tag(&c->bias, 1, channels, dnnl_f32, dnnl_a));
    TRY(layout_with_tag(&c->scales, 1, channels, dnnl_f32, dnnl_a));
    TRY(layout_with_tag(&c->weights, grouped ? 5 : 4, grouped ? kernel : kernel + 1, dnnl_s8,
                        dnnl_format_tag_any));
failed:
    return status;
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
        .image = &c->image, .weights = &c->weights, .result = &c->result,
        .bias = o->has_bias ? &c->bias : NULL,
        .stride = {s->stride[0], s->stride[1]},
        .dilation = {s->dilation[0] - 1, s->dilation[1] - 1},
        .pad_before = {s->pad_top, s->pad_left}, .pad_after = {s->pad_bottom, s->pad_right}};
    dnnl_primitive_attr_t attributes = NULL;
    dnnl_status_t status;
    TRY(describe_attributes(&attributes, o, scales));
    // By measurement: batched products are never clearly faster, and much slower where a residual is added.
    TRY(describe_directly(&c->description, engine, &d, attributes, NULL));
failed:
    if (attributes) dnnl_primitive_attr_destroy(attributes);
    return status;
}

static dnnl_status_t bind(distill_quantized_convolution *c) {
    dnnl_status_t status;
    TRY(bound_add(&c->bound, DNNL_ARG_SRC, &c->image));
    TRY(bound_add(&c->bound, DNNL_ARG_WEIGHTS, &c->weights));
    TRY(bound_add(&c->bound, DNNL_ARG_DST, &c->result));
    TRY(bound_add(&c->bound, DNNL_ARG_SCRATCHPAD, &c->scratch));
    if (SCALES_ARE_ARGUMENTS) TRY(bound_add(&c->bound, ARGUMENT_SCALES, &c->scales));
    if (c->has_bias) TRY(bound_add(&c->bound, DNNL_ARG_BIAS, &c->bias));
failed:
    return status;
}

distill_status distill_quantized_create(distill_quantized_convolution **result,
                                        distill_engine *engine,
                                        const distill_quantized_options *options,
                                        const float *scales) {
    dnnl_status_t status;
    distill_quantized_convolution *c = calloc(1, sizeof *c);
    if (c == NULL) return dnnl_out_of_memory;
    c->bound.engine = engine;
    c->has_bias = options->has_bias;
    TRY(describe_operands(c, options));
    TRY(describe(c, engine, options, scales));
    layout_clear(&c->weights);
    TRY(layout_of_query(&c->weights, c->description, dnnl_query_weights_md));
    TRY(layout_of_query(&c->scratch, c->description, dnnl_query_scratchpad_md));
    c->scratch_size = distill_layout_size(&c->scratch);
    TRY(dnnl_primitive_desc_query(c->description, dnnl_query_impl_info_str, 0, &c->implementation));
    TRY(dnnl_primitive_create(&c->bound.primitive, c->description));
    TRY(bind(c));
    *result = c;
    return dnnl_success;
failed:
    distill_quantized_destroy(c);
    return status;
}

void distill_quantized_destroy(distill_quantized_convolution *c) {
    if (c == NULL) return;
    bound_clear(&c->bound);
    if (c->description) dnnl_primitive_desc_destroy(c->description);
    layout_clear(&c->image);
    layout_clear(&c->weights);
    layout_clear(&c->bias);
    layout_clear(&c->result);
    layout_clear(&c->scratch);
    layout_clear(&c->scales);
    free(c);
}

const distill_layout *distill_quantized_weights(const distill_quantized_convolution *c) {
    return &c->weights;
}

size_t distill_quantized_scratch(const distill_quantized_convolution *c) { return c->scratch_size; }

const char *distill_quantized_implementation(const distill_quantized_convolution *c) {
    return c->implementation;
}

int distill_quantized_bias_is_scaled(void) { return BIAS_IS_SCALED; }

distill_status distill_quantized_run(distill_quantized_convolution *c, const void *image,
                                     const void *weights, const float *bias, const float *scales,
                                     void *result, void *scratch) {
    void *addresses[MAXIMUM_ARGUMENTS] = {(void *)image, (void *)weights, result, scratch};
    int count = 4;
    if (SCALES_ARE_ARGUMENTS) addresses[count++] = (void *)scales;
    if (c->has_bias) addresses[count] = (void *)bias;
    return bound_run(&c->bound, addresses);
}
