import type { Like } from "../catalogue.ts";
import type { consent as en } from "../en/consent.ts";

export const consent: Like<typeof en> = {
  checking: "正在核实此码…",
  leave: "暂不",
  refuse: "拒绝",

  session: {
    title: (who) => `${who}请您提供一些信息`,
    who: "谁",
    approved: "本服务认识并批准的机构",
    where: "哪里",
    place: (name, place) => `${place}，${name}`,
    here: "就在本设备上",
    what: "做什么",
    whatText: "决定之前您会看到每一项。现在还没有借出任何内容。",
    check: "只有这就是您面前的屏幕时，才继续。",
    checkHere: "只有您是从该机构的页面过来时，才继续。",
    go: "继续",
    left: (clock) => `此码还等 ${clock}`,
    leftOver: "此码可能已过期。",
    busy: "正在为您保留…",
  },

  number: {
    title: "在那里输入这个数字",
    at: (name, place) => `${place}，${name}`,
    only: "只在那里、由您亲手输入。不要在电话或消息里告诉任何人。",
    waiting: "等待输入…",
    left: (clock) => `剩余时间 ${clock}`,
    read: (digits) => `数字是 ${digits}`,
  },

  ask: {
    from: (who) => `${who}请您提供`,
    required: "必需",
    requiredHint: "没有这些，请求无法继续。",
    oneOf: "以下选一项",
    optional: "可选",
    optionalHint: "这些可以不提供。",
    missing: "保险库里还没有",
    add: "添加",
    addName: (name) => `添加：${name}`,
    fill: "添加缺少的内容",
    locked: "目前无法在本设备上打开",
    lend: (count) => `借出 ${count} 项`,
    why: {
      tick: (names) => `必需：${names}。`,
      group: (names) => `请选一项：${names}。`,
      none: "请勾选要借出的内容。",
    },
    left: (clock) => `剩余时间 ${clock}`,
    loading: "正在打开请求的内容…",
    refuseTitle: "全部拒绝？",
    refuseText: (who) => `${who}会得知您已拒绝。不会借出任何内容。`,
  },

  terms: {
    title: "您同意的内容",
    purpose: "用途",
    use: "如何使用",
    often: "可读取多少次",
    oftenTotal: (uses) => (uses === 1 ? "一次" : `最多 ${uses} 次`),
    oftenPeriod: (uses, period) => `每 ${period} 最多 ${uses} 次`,
    lent: "借出期限",
    kept: "对方保存多久",
    keptFor: (who, time) => `${who}承诺最迟在 ${time} 后删除读到的内容。`,
    keptOpen: (who) => `${who}没有说明读到的内容会保存多久。`,
    opens: "谁能打开",
    opensThem: (who) => `只有${who}。本服务不能。`,
    opensServer: (who) => `由本服务替${who}打开，打开时本服务看得到内容。`,
    regions: (regions) => `仅限：${regions}。`,
    future: "以后的更改",
    futureYes: "以后您更改某项，新的值也会借出。",
    futureNo: "只限现在的值。以后的更改对方看不到，只知道有更改。",
    back: "无法收回的",
    backText: "已经读到的就读到了。您可以随时停止继续读取。",
    note: "请注意",
    unusual: "借出前请了解",
  },

  fill: {
    title: "添加缺少的内容",
    lead: "它会存入您的保险库，只需输入一次。",
    save: "保存并继续",
    saving: "正在上锁并保存…",
    optional: "可选",
    oneOf: "其中一项即可",
    nothing: "请至少填写一项。",
  },

  verify: {
    title: "请确认是您本人",
    lead: (count, who) => `您将 ${count} 项借给${who}。`,
    waiting: "请用指纹、面容或锁屏密码…",
  },

  done: {
    title: (who) => `已借给${who}`,
    lead: "这里已完成。对方的屏幕会自动继续。",
    until: (when) => `有效期至 ${when}。可在“已借出”里暂停或收回。`,
    see: "查看我借出的内容",
    finish: "完成",
  },

  code: {
    title: "向终端出示此码",
    lead: (who) => `由${who}扫描，别人无法使用。`,
    label: "供机构终端扫描的码",
    left: (seconds) => `还剩 ${seconds} 秒`,
    over: "此码已过期",
    overText: "若没有及时扫描，则没有读取任何内容。请收回借出的内容，用新的码重新开始。",
    read: (who) => `${who}已读取。`,
  },

  query: {
    title: (who) => `返回${who}`,
    lead: "正在带您回到原来的页面。",
    go: (who) => `前往${who}`,
  },

  denied: {
    title: "您已拒绝",
    lead: (who) => `没有借出任何内容。${who}会得知您已拒绝。`,
  },

  ended: {
    expired: { title: "时间已到", lead: "没有借出任何内容。如仍需要，请对方出示新的码。" },
    wrong_number: { title: "输入的数字不对", lead: "为了您的安全，请求已结束，没有借出任何内容。请对方出示新的码再扫描。" },
    cancelled: { title: "请求已撤回", lead: "对方结束了请求，没有借出任何内容。" },
    denied: { title: "您已拒绝", lead: "没有借出任何内容。" },
    approved: { title: "您已答复过", lead: "可在“已借出”里查看。" },
    scan: "扫描新的码",
    home: "前往我的保险库",
  },

  elsewhere: {
    title: "此请求已在另一个标签页打开",
    lead: "请在那里答复，或改在这里继续。",
    here: "在这里继续",
    moved: "您已在另一个标签页继续。",
  },

  show: {
    title: "出示此码",
    lead: "请放在终端的扫描器前。只能用一次。",
    label: "给终端看的码",
    left: (clock) => `还可用 ${clock}`,
    over: "此码已过期。",
    renew: "出示新的码",
    waiting: "等待终端扫描…",
  },
};
