import type { Like } from "../catalogue.ts";
import type { shared as en } from "../en/shared.ts";

export const shared: Like<typeof en> = {
  language: "语言",
  back: "返回",
  cancel: "取消",
  close: "关闭",
  continue: "继续",
  done: "完成",
  tryAgain: "再试一次",
  startAgain: "重新开始",
  reload: "重新载入本页",
  copy: "复制",
  copied: "已复制",
  loading: "正在载入…",
  sides: {
    you: "这是您可以处理的。",
    page: "本页与服务之间没有互相理解，不是您的错。",
    institution: "问题在机构一方，与您无关。",
    person: "这是数据所属的人自己的决定。",
    service: "问题在我们一方，与您无关。",
    network: "这是网络连接的问题，与您无关。",
    nobody: "没有人做错什么。",
    doubt: "为保护您，我们在此停下，没有借出任何内容。",
  },
  technical: "技术细节",
  code: "代码",
  trace: "跟踪号",
  nothingLost: "您填写的内容都还在。",
};
