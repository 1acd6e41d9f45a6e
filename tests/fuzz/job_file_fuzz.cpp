// Whatever bytes come as a job file: the parser answers with a job that validate() takes, or with an
// error that has a code and a message. What was taken once reads back the same through JSON.
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "wire/any_job_file.h"
#include "wire/canonical.h"
#include "wire/chip_file.h"
#include "wire/json_fields.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace dayu;
    static const std::vector<Chip> registry = [] {
        std::vector<Chip> chips(2);
        chips[0].name = "A100-80GB";
        chips[0].aliases = {"a100", "gres/gpu:a100", "NVIDIA-A100-SXM4-80GB"};
        chips[1].name = "Ascend910B";
        chips[1].aliases = {"gres/npu:910b", "huawei.com/Ascend910B"};
        return chips;
    }();
    static const wire::ChipNames names = wire::chip_names(registry);
    const std::string_view text(reinterpret_cast<const char*>(data), size);

    const Result<wire::ReadJob> read = wire::read_any_job_file(text, names);
    if (!read.ok()) {
        CHECK(!read.error().code.empty() && !read.error().message.empty());
        CHECK(read.error().kind != ErrorKind::internal);
        return 0;
    }
    CHECK(read->unmapped.size() <= wire::max_unmapped + 1);
    const JobFile* const file = &read->file;
    CHECK(validate(*file).ok());
    std::string written;
    wire::write_json(written, *file);
    const Result<wire::Json> json = wire::parse_json(written);
    CHECK(json.ok());
    JobFile back;
    CHECK(wire::from_json(*json, back).ok());
    CHECK(back == *file);
    CHECK(*wire::canonicalize(written) == written);
    return 0;
}
