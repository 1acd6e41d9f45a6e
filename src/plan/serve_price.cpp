#include "plan/serve_price.h"

namespace dayu::plan {
namespace {

constexpr double s_per_h = 3600;
constexpr double million = 1e6;
constexpr double joule_per_kwh = 3.6e6;

}  // namespace

ServePrice price_of(const ServeJob& job, const ServeOffer& offer, const ServeMachine& machine,
                    const ServeTerms& terms) {
    const auto hours = static_cast<double>(terms.terms.size());
    const TermSums sums = sums_of(terms.terms, 0, hours);
    const double tokens_per_h = job.rate * (job.prompt + job.answer) * s_per_h;
    const double answers_per_h = job.rate * job.answer * s_per_h;
    const double idle_part = 1 - offer.prompt_part - offer.decode_part;
    const double power_part = offer.prompt_part * terms.prompt_power_part +
                              offer.decode_part * terms.answer_power_part +
                              idle_part * terms.idle_power_part;
    const double kw = offer.chips() * machine.power_w * power_part / (1 - terms.host_part) / 1000;

    ServePrice price;
    price.yuan_per_h = offer.chips() * sums.yuan_per_chip / hours;
    price.yuan_per_million_tokens = price.yuan_per_h / tokens_per_h * million;
    price.yuan_per_million_answer_tokens = price.yuan_per_h / answers_per_h * million;
    price.joule_per_token = kw * sums.kwh_per_kw / hours * joule_per_kwh / tokens_per_h;
    price.carbon_kg_per_million_tokens =
        kw * sums.carbon_g_per_kw / hours / 1000 / tokens_per_h * million;
    return price;
}

}  // namespace dayu::plan
