// Every kind of receiver, by the name of its file in channels/.
#pragma once

#include "notices/channel.h"

namespace dayu::notices {

const Channel& webhook_channel();
const Channel& wecom_channel();
const Channel& dingtalk_channel();
const Channel& feishu_channel();

}  // namespace dayu::notices
