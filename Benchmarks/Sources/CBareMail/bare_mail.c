#include "bare_mail.h"

#include <gmime/gmime.h>

static void start(void) {
    static gsize once = 0;
    if (g_once_init_enter(&once)) {
        g_mime_init();
        g_once_init_leave(&once, 1);
    }
}

static GMimeObject *part(const char *type, const char *subtype, const char *bytes, size_t length, const char *name) {
    GMimePart *part = g_mime_part_new_with_type(type, subtype);
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, length);
    GMimeDataWrapper *content = g_mime_data_wrapper_new_with_stream(stream, GMIME_CONTENT_ENCODING_DEFAULT);
    g_object_unref(stream);
    g_mime_part_set_content(part, content);
    g_object_unref(content);
    g_mime_part_set_content_encoding(part, name ? GMIME_CONTENT_ENCODING_BASE64 : GMIME_CONTENT_ENCODING_QUOTEDPRINTABLE);
    if (name) {
        g_mime_object_set_disposition(GMIME_OBJECT(part), GMIME_DISPOSITION_ATTACHMENT);
        g_mime_part_set_filename(part, name);
    } else {
        g_mime_object_set_content_type_parameter(GMIME_OBJECT(part), "charset", "utf-8");
    }
    return GMIME_OBJECT(part);
}

char *bare_mail_format(const char *text, const char *file, size_t file_length, size_t *length) {
    start();
    GMimeMessage *message = g_mime_message_new(TRUE);
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_FROM, NULL, "bot@mail.example");
    g_mime_message_add_mailbox(message, GMIME_ADDRESS_TYPE_TO, NULL, "carol@example.org");
    g_mime_message_set_subject(message, "Message from bot@mail.example", "utf-8");
    g_mime_message_set_message_id(message, "bench-1@mail.example");
    GDateTime *now = g_date_time_new_now_utc();
    g_mime_message_set_date(message, now);
    g_date_time_unref(now);

    GMimeObject *body = part("text", "plain", text, strlen(text), NULL);
    if (file) {
        GMimeMultipart *mixed = g_mime_multipart_new_with_subtype("mixed");
        GMimeObject *attached = part("application", "octet-stream", file, file_length, "report.bin");
        g_mime_multipart_add(mixed, body);
        g_mime_multipart_add(mixed, attached);
        g_object_unref(body);
        g_object_unref(attached);
        body = GMIME_OBJECT(mixed);
    }
    g_mime_message_set_mime_part(message, body);
    g_object_unref(body);

    GByteArray *bytes = g_byte_array_new();
    GMimeStream *out = g_mime_stream_mem_new_with_byte_array(bytes);
    g_mime_stream_mem_set_owner(GMIME_STREAM_MEM(out), FALSE);
    GMimeFormatOptions *options = g_mime_format_options_new();
    g_mime_format_options_set_newline_format(options, GMIME_NEWLINE_FORMAT_DOS);
    g_mime_object_write_to_stream(GMIME_OBJECT(message), options, out);
    g_mime_format_options_free(options);
    g_object_unref(out);
    g_object_unref(message);
    *length = bytes->len;
    return (char *)g_byte_array_free(bytes, FALSE);
}

static void count(GMimeObject *parent, GMimeObject *object, gpointer total) {
    (void)parent;
    if (!GMIME_IS_PART(object)) return;
    GMimeDataWrapper *content = g_mime_part_get_content(GMIME_PART(object));
    if (!content) return;
    GMimeStream *out = g_mime_stream_mem_new();
    g_mime_data_wrapper_write_to_stream(content, out);
    *(long *)total += (long)g_mime_stream_length(out);
    g_object_unref(out);
}

long bare_mail_parse(const char *bytes, size_t length) {
    start();
    GMimeStream *stream = g_mime_stream_mem_new_with_buffer(bytes, length);
    GMimeParser *parser = g_mime_parser_new_with_stream(stream);
    g_object_unref(stream);
    GMimeMessage *message = g_mime_parser_construct_message(parser, NULL);
    g_object_unref(parser);
    if (!message) return -1;
    long total = 0;
    g_mime_message_foreach(message, count, &total);
    g_object_unref(message);
    return total;
}

char *bare_mail_base64(const char *bytes, size_t length, size_t *encoded_length) {
    char *text = g_base64_encode((const guchar *)bytes, length);
    *encoded_length = strlen(text);
    return text;
}

char *bare_mail_unbase64(const char *text, size_t length, size_t *decoded_length) {
    (void)length;
    return (char *)g_base64_decode(text, decoded_length);
}

void bare_mail_free(void *memory) { g_free(memory); }
