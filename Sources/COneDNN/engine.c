#include "engine.h"

#include <stdio.h>
#include <stdlib.h>

const char *distill_status_text(distill_status status) {
    switch ((dnnl_status_t)status) {
    case dnnl_success: return "no error";
    case dnnl_out_of_memory: return "out of memory";
    case dnnl_invalid_arguments: return "arguments do not fit each other";
    case dnnl_unimplemented: return "no implementation for these extents and layouts";
    case dnnl_runtime_error: return "failed while running";
    default: return "failed";
    }
}

const char *distill_onednn_version(void) {
    static char text[48];
    const dnnl_version_t *version = dnnl_version();
    snprintf(text, sizeof text, "%d.%d.%d", version->major, version->minor, version->patch);
    return text;
}

distill_status distill_onednn_limit(distill_instructions most) {
    switch (most) {
    case DISTILL_INSTRUCTIONS_AVX2: return dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx2);
    case DISTILL_INSTRUCTIONS_AVX512: return dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx512_core_vnni);
    case DISTILL_INSTRUCTIONS_BF16: return dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx512_core_bf16);
    }
    return dnnl_invalid_arguments;
}

distill_status distill_engine_create(distill_engine **result) {
    dnnl_status_t status;
    distill_engine *engine = calloc(1, sizeof *engine);
    if (engine == NULL) return dnnl_out_of_memory;
    TRY(dnnl_engine_create(&engine->engine, dnnl_cpu, 0));
    TRY(dnnl_stream_create(&engine->stream, engine->engine, dnnl_stream_default_flags));
    *result = engine;
    return dnnl_success;
failed:
    distill_engine_destroy(engine);
    return status;
}

void distill_engine_destroy(distill_engine *engine) {
    if (engine == NULL) return;
    if (engine->stream) dnnl_stream_destroy(engine->stream);
    if (engine->engine) dnnl_engine_destroy(engine->engine);
    free(engine);
}

dnnl_status_t caller_scratch(dnnl_primitive_attr_t *attributes) {
    const dnnl_status_t status = dnnl_primitive_attr_create(attributes);
    if (status != dnnl_success) return status;
    return dnnl_primitive_attr_set_scratchpad_mode(*attributes, dnnl_scratchpad_mode_user);
}

dnnl_status_t bound_add(bound_primitive *bound, int argument, const distill_layout *layout) {
    dnnl_memory_t memory;
    const dnnl_status_t status = memory_of(&memory, layout, bound->engine->engine);
    if (status != dnnl_success) return status;
    bound->arguments[bound->count].arg = argument;
    bound->arguments[bound->count].memory = memory;
    bound->addresses[bound->count++] = NULL;
    return dnnl_success;
}

dnnl_status_t bound_run(bound_primitive *bound, void *const *addresses) {
    for (int k = 0; k < bound->count; k++) {
        // Binding may clear the padding, so it is done only when the address changes.
        if (addresses[k] == bound->addresses[k]) continue;
        const dnnl_status_t status =
            dnnl_memory_set_data_handle(bound->arguments[k].memory, addresses[k]);
        if (status != dnnl_success) return status;
        bound->addresses[k] = addresses[k];
    }
    const dnnl_status_t status = dnnl_primitive_execute(bound->primitive, bound->engine->stream,
                                                        bound->count, bound->arguments);
    return status != dnnl_success ? status : dnnl_stream_wait(bound->engine->stream);
}

void bound_clear(bound_primitive *bound) {
    for (int k = 0; k < bound->count; k++) dnnl_memory_destroy(bound->arguments[k].memory);
    if (bound->primitive) dnnl_primitive_destroy(bound->primitive);
    bound->count = 0;
    bound->primitive = NULL;
}
