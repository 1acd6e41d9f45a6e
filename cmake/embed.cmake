# cmake -DNAME=... -DFILE=... -DUNIT=... -P embed.cmake: writes UNIT, which defines the text of FILE as dayu::embedded::NAME.
file(READ ${FILE} text)
file(WRITE ${UNIT} "// ${NAME}, as it was when this was built.
#include <string_view>
namespace dayu::embedded {
extern constinit const std::string_view ${NAME};
constinit const std::string_view ${NAME} = R\"~embedded~(${text})~embedded~\";
}
")
