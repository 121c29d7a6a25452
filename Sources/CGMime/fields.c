#include "CGMime.h"
#include "start.h"

int oxbow_mime_decode_date(const char *text, int64_t *seconds) {
    oxbow_mime_start();
    GDateTime *date = g_mime_utils_header_decode_date(text);
    if (date == NULL) return -1;
    *seconds = g_date_time_to_unix(date);
    g_date_time_unref(date);
    return 0;
}

struct oxbow_mime_value {
    char *main;
    GMimeParamList *parameters; /* belongs to `owner` */
    GObject *owner;
};

static oxbow_mime_value *value(char *main, GMimeParamList *parameters, void *owner) {
    oxbow_mime_value *value = g_new0(oxbow_mime_value, 1);
    value->main = main;
    value->parameters = parameters;
    value->owner = owner;
    return value;
}

oxbow_mime_value *oxbow_mime_content_type(const char *text) {
    GMimeContentType *type = g_mime_content_type_parse(oxbow_mime_options(), text);
    if (type == NULL) return NULL;
    return value(g_mime_content_type_get_mime_type(type), g_mime_content_type_get_parameters(type), type);
}

oxbow_mime_value *oxbow_mime_content_disposition(const char *text) {
    GMimeContentDisposition *disposition = g_mime_content_disposition_parse(oxbow_mime_options(), text);
    if (disposition == NULL) return NULL;
    const char *kind = g_mime_content_disposition_get_disposition(disposition);
    return value(g_strdup(kind), g_mime_content_disposition_get_parameters(disposition), disposition);
}

const char *oxbow_mime_value_main(const oxbow_mime_value *value) {
    return value->main != NULL ? value->main : "";
}

int oxbow_mime_value_count(const oxbow_mime_value *value) {
    int count = value->parameters != NULL ? g_mime_param_list_length(value->parameters) : 0;
    return count > 0 ? count : 0;
}

const char *oxbow_mime_value_name(const oxbow_mime_value *value, int index) {
    GMimeParam *parameter = g_mime_param_list_get_parameter_at(value->parameters, index);
    const char *name = parameter != NULL ? g_mime_param_get_name(parameter) : NULL;
    return name != NULL ? name : "";
}

const char *oxbow_mime_value_text(const oxbow_mime_value *value, int index) {
    GMimeParam *parameter = g_mime_param_list_get_parameter_at(value->parameters, index);
    const char *text = parameter != NULL ? g_mime_param_get_value(parameter) : NULL;
    return text != NULL ? text : "";
}

void oxbow_mime_value_free(oxbow_mime_value *value) {
    if (value == NULL) return;
    g_free(value->main);
    g_object_unref(value->owner);
    g_free(value);
}

char *oxbow_mime_encode_text(const char *name, const char *text) {
    GMimeFormatOptions *format = g_mime_format_options_get_default();
    GMimeParserOptions *options = oxbow_mime_options();
    char *encoded = g_mime_utils_header_encode_text(format, text, "UTF-8");
    if (encoded == NULL) return NULL;
    char *field = g_strdup_printf("%s: %s", name, encoded);
    char *folded = g_mime_utils_unstructured_header_fold(options, format, field);
    g_free(field);
    g_free(encoded);
    return folded;
}

char *oxbow_mime_encode_phrase(const char *phrase) {
    oxbow_mime_start();
    return g_mime_utils_header_encode_phrase(g_mime_format_options_get_default(), phrase, "UTF-8");
}

char *oxbow_mime_encode_date(int64_t seconds) {
    oxbow_mime_start();
    GDateTime *date = g_date_time_new_from_unix_utc(seconds);
    if (date == NULL) return NULL;
    char *text = g_mime_utils_header_format_date(date);
    g_date_time_unref(date);
    return text;
}

char *oxbow_mime_encode_parameter(const char *name, const char *value) {
    oxbow_mime_start();
    GMimeParamList *list = g_mime_param_list_new();
    g_mime_param_list_set_parameter(list, name, value);
    GMimeParam *parameter = g_mime_param_list_get_parameter(list, name);
    if (parameter != NULL) {
        g_mime_param_set_charset(parameter, "UTF-8");
        g_mime_param_set_encoding_method(parameter, GMIME_PARAM_ENCODING_METHOD_RFC2231);
    }
    GString *text = g_string_new("");
    g_mime_param_list_encode(list, g_mime_format_options_get_default(), TRUE, text);
    g_object_unref(list);
    return g_string_free(text, FALSE);
}
