#include <libxml/xmlversion.h>
// With ICU on, libxml/encoding.h includes ICU's headers, whose types clash with those of Foundation's own copy in any file
// that sees both modules. Only fields of xmlCharEncodingHandler depend on it, and nothing here touches one.
#undef LIBXML_ICU_ENABLED
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/xmlerror.h>
