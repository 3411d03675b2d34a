"""Every text of the web pages, in English and in Chinese: the one catalogue.

Scripts get the texts whose keys start with what their page asks for (`in_language`), so that no
text is anywhere else. `{name}` is a place for a value.
"""

from typing import NamedTuple

from gateway.pages.preferences import Language


class Words(NamedTuple):
    """One text in each language."""

    en: str
    zh: str


HTML_LANGUAGE: dict[Language, str] = {"en": "en", "zh": "zh-CN"}


def say(language: Language, key: str, **values: object) -> str:
    """Return the text `key` with `values` in their places. Raises KeyError for one there is not."""
    text: str = getattr(WORDS[key], language)
    return text.format(**values) if values else text


def in_language(language: Language, prefixes: tuple[str, ...]) -> dict[str, str]:
    """Return the texts whose keys start with one of `prefixes`."""
    return {key: say(language, key) for key in WORDS if key.startswith(prefixes)}


WORDS: dict[str, Words] = {
    # Frame of every page
    "app.name": Words("facegate", "facegate"),
    "app.skip": Words("Skip to content", "跳到内容"),
    "app.nav": Words("Pages", "页面"),
    "app.language.en": Words("English", "English"),
    "app.language.zh": Words("中文", "中文"),
    "app.theme": Words("Appearance", "外观"),
    "app.theme.auto": Words("Like the device", "跟随系统"),
    "app.theme.light": Words("Light", "浅色"),
    "app.theme.dark": Words("Dark", "深色"),
    "app.api": Words("API", "接口文档"),
    "app.demo": Words(
        "Demo data: this record holds made-up people and visits, marked “demo”.",
        "演示数据：此记录含有虚构的人物和到店，标有“demo”。",
    ),
    "app.demo.remove": Words("Remove it", "清除演示数据"),
    "app.script": Words(
        "This page needs JavaScript, from this server alone.",
        "此页面需要启用 JavaScript（仅来自本服务器）。",
    ),
    "nav.home": Words("Home", "首页"),
    "nav.till": Words("Till", "收银台"),
    "nav.traffic": Words("Footfall", "客流"),
    "nav.members": Words("Members", "会员"),
    "nav.try": Words("Try it", "试一试"),
    "nav.cluster": Words("Cluster", "集群"),
    # Home
    "home.title": Words("Who just walked in, in any of your stores", "谁刚走进您的任何一家门店"),
    "home.lead": Words(
        "Cameras at the doors post pictures; every store knows its own customers, and a member of"
        " one store is recognised in all.",
        "门口的摄像头上传照片；每家门店认得自己的顾客，一家门店的会员在所有门店都能被认出。",
    ),
    "home.stores": Words("Stores", "门店"),
    "home.no_stores": Words("The store map names no store.", "门店表中没有门店。"),
    "home.faces": Words("{faces} FaceIds", "{faces} 个 FaceId"),
    "home.tools": Words("Tools", "工具"),
    "home.till": Words(
        "Who is in the store now, big enough to read from the counter.",
        "谁正在店里，大字显示，柜台可读。",
    ),
    "home.traffic": Words(
        "Visits and visitors by hour, day and week, against the time before.",
        "按小时、天、周统计到店与访客，并与之前对比。",
    ),
    "home.members": Words(
        "Find, enrol, bind and erase the people whom your stores know.",
        "查找、登记、绑定和删除门店认识的人。",
    ),
    "home.try": Words(
        "Drop a picture and see who is in it, with scores and the time of each stage.",
        "放入一张照片，看看认出了谁、得分以及每一步用时。",
    ),
    "home.cluster": Words(
        "Stores, replicas, health, sizes, and what is wrong with the store map.",
        "门店、副本、健康状况、规模，以及门店表的错误。",
    ),
    "home.api": Words("Every route, with examples to try out.", "全部接口及可试用的示例。"),
    # State of a store or replica
    "state.healthy": Words("Healthy", "正常"),
    "state.degraded": Words("Degraded", "部分异常"),
    "state.down": Words("Down", "不可用"),
    "state.starting": Words("Getting ready", "准备中"),
    # Cluster
    "cluster.title": Words("Cluster", "集群"),
    "cluster.lead": Words(
        "Every store and replica as this gateway sees it.", "本网关所见的全部门店与副本。"
    ),
    "cluster.live": Words("Up to date", "实时更新"),
    "cluster.stale": Words(
        "The gateway does not answer. What you see is from {time}.",
        "网关没有应答。当前显示的是 {time} 的数据。",
    ),
    "cluster.back": Words("The gateway answers again.", "网关已恢复应答。"),
    "cluster.summary": Words(
        "{healthy} of {stores} stores answer.", "{stores} 家门店中有 {healthy} 家可用。"
    ),
    "cluster.stores": Words("Coverage", "覆盖"),
    "cluster.of": Words("{part} of {whole}", "{part} / {whole}"),
    "cluster.complete": Words("every store answers", "所有门店均可用"),
    "cluster.missing": Words("missing: {stores}", "缺少：{stores}"),
    "cluster.members": Words("Enrolled", "已登记"),
    "cluster.members.hint": Words(
        "FaceIds of members, and enrolled ones without a profile", "会员及无资料的已登记 FaceId"
    ),
    "cluster.visitors": Words("Visitors", "访客"),
    "cluster.visitors.hint": Words("strangers with a FaceId", "有 FaceId 的陌生人"),
    "cluster.templates": Words("Templates", "人脸模板"),
    "cluster.templates.hint": Words("face vectors that are searched", "参与检索的人脸向量"),
    "cluster.map": Words("Store map", "门店表"),
    "cluster.map.version": Words("Version {version}", "版本 {version}"),
    "cluster.map.loaded": Words("in force since", "生效于"),
    "cluster.map.error": Words(
        "The store map has an error; the last good one stays in force.",
        "门店表有误，仍在使用上一个正确版本。",
    ),
    "cluster.clock": Words(
        "The clock is ahead by {ahead} of what this gateway has seen pass.",
        "时钟比网关所经历的时间快 {ahead}。",
    ),
    "cluster.clock.waits": Words(
        "It was off for so long, or the clock is wrong. In {minutes} minutes it is believed; until"
        " then nothing expires by the new time. Things expire by:",
        "网关停机了这么久，或者时钟有误。{minutes} 分钟后才会采信新时间；"
        "在此之前不按新时间删除任何数据。当前采信的时间：",
    ),
    "cluster.background.again": Words(
        "Background work “{work}” had ended unexpectedly; it was begun again and goes on."
        " Endings since the start: {times}.",
        "后台任务“{work}”曾意外中止，已重新开始并继续运行。启动以来中止次数：{times}。",
    ),
    "cluster.background.waits": Words(
        "Background work “{work}” has ended unexpectedly and waits to be begun again."
        " Endings since the start: {times}.",
        "后台任务“{work}”意外中止，等待重新开始。启动以来中止次数：{times}。",
    ),
    "cluster.orphan": Words(
        "Gallery without a store: “{store}”, {faces} FaceIds. The store map does not name it.",
        "没有对应门店的人脸库：“{store}”，{faces} 个 FaceId。门店表中没有它。",
    ),
    "cluster.problem": Words(
        "The gateway's own record cannot be used: nothing is stored.",
        "网关自身的记录无法使用：不会保存任何内容。",
    ),
    "cluster.table": Words("Stores and replicas", "门店与副本"),
    "cluster.store": Words("Store", "门店"),
    "cluster.replica": Words("Replica", "副本"),
    "cluster.state": Words("State", "状态"),
    "cluster.behind": Words("Behind", "落后"),
    "cluster.behind.hint": Words(
        "changes that the replica has not taken over", "副本尚未同步的变更数"
    ),
    "cluster.load": Words("In flight", "处理中"),
    "cluster.model": Words("Model", "模型"),
    "cluster.writer": Words("writes", "读写"),
    "cluster.reader": Words("reads", "只读"),
    "cluster.policy.members": Words(
        "enrolled people are recognised elsewhere, unless they said no",
        "已登记者可被其他门店识别，本人不同意者除外",
    ),
    "cluster.policy.nobody": Words("nobody is recognised elsewhere", "不供其他门店识别"),
    "cluster.policy.everyone": Words(
        "everyone is recognised elsewhere, unless they said no",
        "所有人可被其他门店识别，本人不同意者除外",
    ),
    "cluster.webhooks": Words("Webhooks", "Webhook 推送"),
    "cluster.webhook": Words("Webhook", "名称"),
    "cluster.webhook.all": Words("all stores", "全部门店"),
    "cluster.webhook.url": Words("Receiver", "接收地址"),
    "cluster.webhook.pending": Words("Waiting", "待推送"),
    "cluster.webhook.attempts": Words("Failed tries", "连续失败"),
    "cluster.webhook.failing": Words("Not reached", "推送失败"),
    "cluster.unknown": Words("not known", "未知"),
    # Till
    "till.title": Words("Till", "收银台"),
    "till.lead": Words(
        "Choose the store: its till shows who is there now.", "选择门店，查看此刻谁在店里。"
    ),
    "till.here": Words("here now", "在店"),
    "till.connecting": Words("Connecting…", "连接中…"),
    "till.live": Words("Live", "实时"),
    "till.reconnecting": Words("Reconnecting…", "重新连接…"),
    "till.loading": Words("Looking who is here…", "正在查看谁在店里…"),
    "till.nobody": Words("Nobody is here right now", "此刻店里没有人"),
    "till.nobody.hint": Words(
        "Whoever walks in shows up here within a second.", "顾客进店后一秒内会出现在这里。"
    ),
    "till.visitor": Words("Visitor", "访客"),
    "till.staff": Words("Staff, not counted", "员工（不计入）"),
    "till.provisional": Words("provisional", "暂定"),
    "till.visit": Words("visit {count}", "第 {count} 次到店"),
    "till.visits": Words("Visits", "到店次数"),
    "till.since": Words("Here for", "已停留"),
    "till.last": Words("Last visit", "上次到店"),
    "till.first": Words("first visit", "首次到店"),
    "till.home": Words("Home store", "所属门店"),
    "till.usual": Words("Usual store", "常去门店"),
    "till.wrong": Words("Somebody else?", "认错人了？"),
    "till.wrong.text": Words(
        "This visit is then not {name}’s. Who came gets a FaceId of their own, and a face that"
        " passes for both is of whom it is more like.",
        "此次到店将不再算作 {name}。此人会获得自己的 FaceId；与两者都相像的脸归更像的一方。",
    ),
    "till.wrong.done": Words(
        "Noted: this is not {name}, but somebody with a FaceId of their own.",
        "已记录：这不是 {name}，此人已有自己的 FaceId。",
    ),
    "till.wrong.forgotten": Words(
        "Noted: this visit is not {name}’s. The face is not in memory any more, so the next"
        " picture may be taken for {name} again; say so then.",
        "已记录：此次到店不算作 {name}。此人的人脸已不在内存中，下一张照片仍可能被认作 {name}，"
        "届时请再次指出。",
    ),
    "till.wrong.do": Words("It is somebody else", "确实不是"),
    "till.cancel": Words("Cancel", "取消"),
    "till.now": Words("just now", "刚刚"),
    "till.minutes": Words("{minutes} min", "{minutes} 分钟"),
    "till.hours": Words("{hours} h {minutes} min", "{hours} 小时 {minutes} 分"),
    # Footfall
    "traffic.title": Words("Footfall", "客流"),
    "traffic.lead": Words(
        "How many came, who came back, and how it compares with before. Staff are not counted.",
        "来了多少人、多少是回头客，以及与之前的对比。不含员工。",
    ),
    "traffic.store": Words("Store", "门店"),
    "traffic.all": Words("All stores", "全部门店"),
    "traffic.span": Words("Period", "时段"),
    "traffic.span.day": Words("Day", "日"),
    "traffic.span.week": Words("7 days", "7 天"),
    "traffic.span.month": Words("4 weeks", "4 周"),
    "traffic.span.quarter": Words("12 weeks", "12 周"),
    "traffic.until": Words("Up to", "截至"),
    "traffic.earlier": Words("Earlier", "更早"),
    "traffic.later": Words("Later", "更晚"),
    "traffic.csv": Words("CSV", "CSV 下载"),
    "traffic.chart": Words("Visits and visitors", "到店与访客"),
    "traffic.pv": Words("Visits", "到店次数"),
    "traffic.pv.hint": Words("PV: visits that began in the period", "PV：时段内开始的到店次数"),
    "traffic.pv.before": Words("Visits, {earlier}", "到店（{earlier}）"),
    "traffic.uv": Words("Visitors", "访客数"),
    "traffic.uv.hint": Words("UV: distinct people", "UV：去重人数"),
    "traffic.new": Words("New", "新客"),
    "traffic.new.hint": Words("visits of people who were never here before", "从未来过的人的到店"),
    "traffic.returning": Words("Returning", "回头客"),
    "traffic.returning.hint": Words("visits of people who were here before", "曾经来过的人的到店"),
    "traffic.roaming": Words("Roaming", "跨店"),
    "traffic.roaming.hint": Words(
        "visits of people whom another store knows", "其他门店认识的人的到店"
    ),
    "traffic.members": Words("Enrolled", "已登记"),
    "traffic.members.hint": Words(
        "visits of members, and of people who are enrolled without a profile",
        "会员以及无资料的已登记者的到店",
    ),
    "traffic.dwell": Words("Average stay", "平均停留"),
    "traffic.dwell.hint": Words(
        "from the first frame of a visit to its last", "从首次到最后一次被拍到"
    ),
    "traffic.share": Words("{percent} % of visits", "占到店 {percent}%"),
    "traffic.against": Words("on {earlier}", "较{earlier}"),
    "traffic.against.so_far": Words("on {earlier}, up to the same time", "较{earlier}同一时刻"),
    "traffic.so_far": Words("So far: the period is not over.", "截至目前：该时段尚未结束。"),
    "traffic.so_far.until": Words(
        "So far, until {time}: the period is not over.", "截至 {time}：该时段尚未结束。"
    ),
    "traffic.row.so_far": Words("{start}, so far", "{start}（截至目前）"),
    "traffic.earlier.day": Words("the same day last week", "上周同日"),
    "traffic.earlier.week": Words("the week before", "前一周"),
    "traffic.earlier.month": Words("the 4 weeks before", "此前 4 周"),
    "traffic.earlier.quarter": Words("the 12 weeks before", "此前 12 周"),
    "traffic.before": Words("{value} before", "此前 {value}"),
    "traffic.seconds": Words("{seconds} s", "{seconds} 秒"),
    "traffic.minutes": Words("{minutes} min", "{minutes} 分钟"),
    "traffic.empty": Words(
        "No visits in this period, nor in the one before.", "该时段及此前均无到店。"
    ),
    "traffic.table": Words("Show as a table", "以表格显示"),
    "traffic.start": Words("From", "开始"),
    "traffic.matrix": Words("Where roaming visitors come from", "跨店访客来自哪里"),
    "traffic.matrix.hint": Words(
        "Visits to the store in the row by people whom the store in the column knows.",
        "行为到访门店，列为认识此人的门店。",
    ),
    "traffic.matrix.corner": Words("Visited", "到访门店"),
    "traffic.matrix.visitors": Words("{visitors} people", "{visitors} 人"),
    "traffic.matrix.empty": Words(
        "Nobody roamed between stores in this period.", "该时段没有跨店到访。"
    ),
    "traffic.news": Words("{pv} visits, {uv} visitors", "到店 {pv} 次，访客 {uv} 人"),
    # Members
    "members.title": Words("Members", "会员"),
    "members.lead": Words(
        "Customers with a profile, and everybody else whom a store knows. Faces are kept as"
        " vectors; no picture is kept.",
        "有资料的顾客，以及门店认识的其他人。人脸只以向量保存，不保留照片。",
    ),
    "members.new": Words("New member", "新会员"),
    "members.create": Words("Create", "创建"),
    "members.cancel": Words("Cancel", "取消"),
    "members.search": Words("Search", "搜索"),
    "members.search.hint": Words("name or number", "姓名或编号"),
    "members.found": Words("Members found", "搜索结果"),
    "members.none": Words("No member is found.", "没有找到会员。"),
    "members.more": Words("Show more", "显示更多"),
    "members.others": Words("Known without a profile", "无资料的已知人员"),
    "members.others.hint": Words(
        "Whom a store knows and no member is: enrolled people, and visitors.",
        "门店认识但不属于任何会员的人：已登记者和访客。",
    ),
    "members.others.begin": Words("Beginning of the FaceId", "FaceId 开头"),
    "members.others.none": Words("Nobody is found.", "没有找到。"),
    "members.others.make": Words("Make a member", "设为会员"),
    "members.others.erase": Words("Erase FaceId", "删除此 FaceId"),
    "members.nobody": Words("No member is chosen", "尚未选择会员"),
    "members.nobody.hint": Words(
        "Choose one from the list, or make a new one.", "从列表中选择，或新建会员。"
    ),
    "members.visits": Words("{count} visits", "到店 {count} 次"),
    "members.visits.all": Words("Visits", "到店次数"),
    "members.days": Words("Days seen of the last 30", "近 30 天到店天数"),
    "members.first": Words("First seen", "首次到店"),
    "members.last": Words("Last seen", "最近到店"),
    "members.profile": Words("Profile", "资料"),
    "members.name": Words("Name", "姓名"),
    "members.id": Words("Member number", "会员编号"),
    "members.tags": Words("Tags", "标签"),
    "members.tags.hint": Words("vip, staff", "vip, staff"),
    "members.consent": Words("May be recognised in other stores", "可在其他门店被认出"),
    "members.consent.hint": Words(
        "without consent a store knows the member by the faces alone that it has itself",
        "未同意时，各门店只凭本店已有的人脸认识此会员",
    ),
    "members.consent.yes": Words("Yes, the member agreed", "是，会员已同意"),
    "members.consent.no": Words("No", "否"),
    "members.consent.store": Words("Not asked: the store decides", "未询问：由门店设置决定"),
    "members.fields": Words("More fields (JSON)", "更多字段（JSON）"),
    "members.fields.bad": Words("The fields are not valid JSON.", "字段不是有效的 JSON。"),
    "members.save": Words("Save", "保存"),
    "members.saved": Words("Saved.", "已保存。"),
    "members.faces": Words("Faces", "人脸"),
    "members.faces.none": Words("No face is bound yet.", "尚未绑定人脸。"),
    "members.pending": Words("store not told yet", "门店尚未同步"),
    "members.unbind": Words("Unbind", "解除绑定"),
    "members.store": Words("Store", "门店"),
    "members.face_id": Words("FaceId", "FaceId"),
    "members.enrol": Words("Enrol a picture", "登记照片"),
    "members.enrol.hint": Words(
        "One face, well lit, from the front. Several pictures make recognition surer.",
        "单人、光线充足、正面。多张照片识别更准。",
    ),
    "members.enrol.file": Words("From a file", "选择文件"),
    "members.enrol.camera": Words("From the camera", "使用摄像头"),
    "members.enrolling": Words("Looking at the picture…", "正在处理…"),
    "members.outcome.enrolled": Words("Enrolled", "已登记"),
    "members.outcome.replaced": Words("Replaced the picture before", "已替换之前的照片"),
    "members.outcome.unchanged": Words("Was enrolled before", "此前已登记"),
    "members.warning.ALREADY_ENROLLED": Words(
        "The same face is enrolled already, as {face} (score {score}, {needed} is enough).",
        "同一张脸已登记为 {face}（得分 {score}，达到 {needed} 即视为同一人）。",
    ),
    "members.warning.UNLIKE_OWN_FACE": Words(
        "Not like the other pictures of {face} (score {score}, {needed} is needed).",
        "与 {face} 的其他照片不像（得分 {score}，需达到 {needed}）。",
    ),
    "members.doubt.UNLIKE_OWN_FACE": Words(
        "Is this really the same person? Not enrolled yet.", "真的是同一个人吗？尚未登记。"
    ),
    "members.doubt.ALREADY_ENROLLED": Words(
        "Is this somebody who is enrolled already? Not enrolled yet.",
        "这个人是否已登记过？尚未登记。",
    ),
    "members.doubt.enrol": Words("Enrol anyway", "仍然登记"),
    "members.doubt.cancel": Words("Leave it out", "不登记"),
    "members.doubt.whom": Words("Show {face}", "查看 {face}"),
    "members.rename": Words("Rename", "改名"),
    "members.rename.name": Words("New name of the FaceId", "FaceId 新名称"),
    "members.rename.do": Words("Give this name", "确定改名"),
    "members.pictures": Words("Pictures", "照片"),
    "members.pictures.one": Words(
        "Picture {number}, enrolled {day}", "照片 {number}，登记于 {day}"
    ),
    "members.pictures.quality": Words("quality {quality}", "质量 {quality}"),
    "members.pictures.only": Words("the only one", "唯一一张"),
    "members.pictures.remove": Words("Remove", "移除"),
    "members.pictures.remove.one": Words("Remove picture {number}", "移除照片 {number}"),
    "members.warning.NO_CONSENT": Words(
        "Known in this store alone, for want of consent.", "因未获同意，仅本店认识。"
    ),
    "members.bind": Words("Bind a visitor", "绑定访客"),
    "members.bind.hint": Words(
        "A visitor becomes this member, with the history of their visits. Suggested are those who"
        " are in the store now.",
        "访客成为此会员，到店记录一并转入。建议列表为此刻在店的访客。",
    ),
    "members.bind.do": Words("Bind", "绑定"),
    "members.bound": Words("Bound", "已绑定"),
    "members.merge": Words("Merge a FaceId", "合并 FaceId"),
    "members.merge.hint": Words(
        "Two FaceIds of one person become one. Visits stay as counted; visitors are counted anew."
        " It can be undone.",
        "同一人的两个 FaceId 合并为一个。到店次数不变，访客数重新统计。可撤销。",
    ),
    "members.merge.into": Words("Stays", "保留"),
    "members.merge.from": Words("FaceId that is the same person", "同一人的 FaceId"),
    "members.merge.do": Words("Merge", "合并"),
    "members.merged": Words("Merged into {into}", "已合并到 {into}"),
    "members.undo": Words("Undo", "撤销"),
    "members.undone": Words("Merge undone", "已撤销合并"),
    "members.erase": Words("Erase", "删除"),
    "members.erase.title": Words("Erase for ever?", "永久删除？"),
    "members.erase.text": Words(
        "What is known of them, face vectors and the identity in all visits are removed from every"
        " store and replica. Counts stay. This cannot be undone.",
        "资料、人脸向量以及所有到店记录中的身份将从每家门店和副本中删除。统计数字保留。此操作无法撤销。",
    ),
    "members.erase.do": Words("Erase for ever", "永久删除"),
    "members.receipt": Words("Receipt of the erasure", "删除回执"),
    "members.receipt.text": Words("No. {id}, requested {at}", "编号 {id}，申请于 {at}"),
    "members.receipt.complete": Words("Complete", "已完成"),
    "members.receipt.incomplete": Words("Waiting for a store", "等待门店确认"),
    "members.receipt.stores": Words("What each store confirmed", "各门店确认情况"),
    "members.receipt.store": Words("Store", "门店"),
    "members.receipt.face_ids": Words("FaceIds", "FaceId"),
    "members.receipt.templates": Words("Templates", "模板数"),
    "members.receipt.state": Words("State", "状态"),
    "members.receipt.confirmed": Words("Confirmed", "已确认"),
    "members.receipt.waiting": Words("Not confirmed yet", "尚未确认"),
    "members.receipt.save": Words("Save the receipt", "保存回执"),
    # Try it
    "try.title": Words("Try it", "试一试"),
    "try.lead": Words(
        "Show a picture to a store as its camera would, and see what it answers. Nothing is kept"
        " unless you ask for it.",
        "像门店摄像头那样提交一张照片，看看它的回答。除非您要求，否则不保存任何内容。",
    ),
    "try.store": Words("Store", "门店"),
    "try.mint": Words("Give strangers a FaceId", "为陌生人分配 FaceId"),
    "try.mint.hint": Words("then the store knows them next time", "门店下次就能认出"),
    "try.drop": Words("Drop a picture here, or choose one", "把照片拖到这里，或选择文件"),
    "try.drop.hint": Words(
        "JPEG, PNG, WebP, HEIC, AVIF, BMP, GIF, up to 20 MB",
        "JPEG、PNG、WebP、HEIC、AVIF、BMP、GIF，最大 20 MB",
    ),
    "try.choose": Words("Choose a picture", "选择照片"),
    "try.camera": Words("Use the camera", "使用摄像头"),
    "try.again": Words("Another picture", "换一张"),
    "try.looking": Words("Looking who is in the picture…", "正在识别…"),
    "try.picture": Words("The picture you chose", "您选择的照片"),
    "try.result": Words("Answer", "结果"),
    "try.empty": Words(
        "Faces, scores and times show here when you have chosen a picture.",
        "选择照片后，这里会显示人脸、得分和用时。",
    ),
    "try.faces.none": Words("No face was found in this picture.", "照片中没有找到人脸。"),
    "try.faces.one": Words("One face", "1 张人脸"),
    "try.faces.many": Words("{count} faces", "{count} 张人脸"),
    "try.needed": Words("needed {threshold}", "需要 {threshold}"),
    "try.candidates": Words("Most alike", "最相似"),
    "try.candidates.none": Words("Nobody is known here yet.", "还没有认识的人。"),
    "try.home": Words("at home in {store}", "所属门店：{store}"),
    "try.provisional": Words("provisional: not every store could be asked", "暂定：有门店未能应答"),
    "try.times": Words("Time", "用时"),
    "try.time.encode": Words("Find and encode faces", "检测与编码人脸"),
    "try.time.search": Words("Search in the store itself", "本店检索"),
    "try.time.fan_out": Words("Ask the other stores", "询问其他门店"),
    "try.time.rest": Words("The rest of the gateway", "网关其余用时"),
    "try.time.total": Words("The gateway in all", "网关总用时"),
    "try.time.browser": Words("Seen from this browser", "浏览器所见总用时"),
    "try.milliseconds": Words("{ms} ms", "{ms} 毫秒"),
    "try.coverage": Words("Who was asked", "询问了哪些门店"),
    "try.coverage.complete": Words(
        "Every store that may be asked has answered.", "所有可询问的门店都已应答。"
    ),
    "try.coverage.partial": Words(
        "{answered} of {asked} stores answered.", "{asked} 家门店中有 {answered} 家应答。"
    ),
    "try.asked.home": Words("this store", "本店"),
    "try.asked.answered": Words("answered", "已应答"),
    "try.asked.failed": Words("failed: {reason}", "失败：{reason}"),
    "try.asked.skipped": Words("not asked: {reason}", "未询问：{reason}"),
    "try.asked.unneeded": Words("not needed", "无需询问"),
    # What a face can be
    "match.home": Words("Known here", "本店已知"),
    "match.roaming": Words("From another store", "来自其他门店"),
    "match.new": Words("New", "新访客"),
    "match.unknown": Words("Stranger", "陌生人"),
    "kind.member": Words("Member", "会员"),
    "kind.visitor": Words("Visitor", "访客"),
    "kind.enrolled": Words("Enrolled", "已登记"),
    "kind.staff": Words("Staff", "员工"),
    # The camera of the device
    "camera.title": Words("Camera", "摄像头"),
    "camera.take": Words("Take the picture", "拍照"),
    "camera.close": Words("Close", "关闭"),
    "camera.starting": Words("Starting the camera…", "正在启动摄像头…"),
    "camera.view": Words("What the camera sees", "摄像头画面"),
    "camera.denied": Words(
        "The browser was not allowed to use the camera. Allow it in the address bar and try again.",
        "浏览器未获准使用摄像头。请在地址栏中允许后重试。",
    ),
    "camera.missing": Words("This device has no camera that is free.", "此设备没有可用的摄像头。"),
    "camera.insecure": Words(
        "Browsers lend the camera to pages over https (or on this machine) alone.",
        "浏览器只允许 https 页面（或本机页面）使用摄像头。",
    ),
    # Errors, by the stable code of the API
    "error.title": Words("That did not work", "操作未成功"),
    "error.retry": Words("Try again", "重试"),
    "error.home": Words("To the home page", "返回首页"),
    "error.UNREACHABLE": Words("The gateway does not answer.", "网关没有应答。"),
    "error.NOT_FOUND": Words("There is nothing at this address.", "此地址没有内容。"),
    "error.METHOD_NOT_ALLOWED": Words("This address is not for that.", "此地址不支持该操作。"),
    "error.UNKNOWN_STORE": Words("There is no such store in the map.", "门店表中没有这家门店。"),
    "error.UNKNOWN_FACE": Words("There is no such FaceId.", "没有这个 FaceId。"),
    "error.UNKNOWN_MEMBER": Words("There is no such member.", "没有这位会员。"),
    "error.MEMBER_EXISTS": Words("This number is taken.", "该编号已被使用。"),
    "error.MEMBER_CHANGED": Words(
        "Somebody else changed this member meanwhile; nothing was saved. Choose the member anew.",
        "其他人已修改此会员，本次未保存。请重新选择该会员。",
    ),
    "error.ALREADY_BOUND": Words(
        "This FaceId is bound to another member.", "该 FaceId 已绑定其他会员。"
    ),
    "error.FACE_EXISTS": Words("The store has a FaceId of this name.", "该门店已有同名的 FaceId。"),
    "error.CONFLICT": Words(
        "This cannot be done now: something else is under way or stands against it.",
        "目前无法执行：有其他操作正在进行或与之冲突。",
    ),
    "error.PICTURE_ERASED": Words("This picture was erased on request.", "该照片已按要求删除。"),
    "error.LAST_TEMPLATE": Words(
        "It is the only picture of this FaceId.", "这是该 FaceId 的唯一照片。"
    ),
    "error.UNKNOWN_TEMPLATE": Words("This picture is gone already.", "该照片已不存在。"),
    "error.BAD_REQUEST": Words("This cannot be done as asked.", "请求无效。"),
    "error.INVALID_PARAMETER": Words("Something entered is not valid.", "输入内容无效。"),
    "error.NO_FACE": Words("No face is in the picture.", "照片中没有人脸。"),
    "error.SEVERAL_FACES": Words("Several faces are in the picture.", "照片中有多张人脸。"),
    "error.TOO_SMALL": Words("The face is too small; come closer.", "人脸太小，请靠近。"),
    "error.BLURRED": Words("The face is blurred; hold still.", "人脸模糊，请保持不动。"),
    "error.TOO_DARK": Words("The face is too dark; more light.", "光线太暗，请补光。"),
    "error.POSE": Words("The face is turned away; look ahead.", "脸部偏转，请正对镜头。"),
    "error.EMPTY_PICTURE": Words("The picture is empty.", "照片是空的。"),
    "error.UNSUPPORTED_PICTURE": Words(
        "This is not a picture of a kind that is understood.", "不支持的图片格式。"
    ),
    "error.BROKEN_PICTURE": Words("The picture is damaged.", "图片已损坏。"),
    "error.TOO_MANY_PIXELS": Words("The picture has too many pixels.", "图片像素过多。"),
    "error.BODY_TOO_LARGE": Words("The picture is too large.", "图片文件过大。"),
    "error.SLOW_BODY": Words("The picture took too long to arrive.", "图片上传超时。"),
    "error.ENCODER_CRASHED": Words("The picture could not be read.", "图片无法读取。"),
    "error.BUSY": Words("All workers are busy; try again in a moment.", "系统繁忙，请稍后再试。"),
    "error.NOT_READY": Words("Not ready yet; try again in a moment.", "尚未就绪，请稍后再试。"),
    "error.DEADLINE_EXCEEDED": Words("It took too long.", "处理超时。"),
    "error.SHARD_UNAVAILABLE": Words("The store's shard does not answer.", "门店服务没有应答。"),
    "error.SHARD_TIMEOUT": Words("The store's shard did not answer in time.", "门店服务应答超时。"),
    "error.SHARD_NONSENSE": Words("The store's shard answered nonsense.", "门店服务应答异常。"),
    "error.STORAGE_FULL": Words("The disk is full.", "磁盘已满。"),
    "error.STORAGE_UNAVAILABLE": Words("The record cannot be written.", "数据无法写入。"),
    "error.INTERNAL": Words("Something unexpected happened.", "发生了意外错误。"),
}
