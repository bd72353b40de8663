/// The style sheet of the report: one column of panels, tables that scroll inside themselves where the
/// window is narrow, everything open on paper.
package enum ReportStyle {
  package static var sheet: String {
    """
    :root{color-scheme:light dark;\(ReportPalette.light.properties)}
    @media (prefers-color-scheme:dark){:root{\(ReportPalette.dark.properties)}}
    \(screen)
    @media (max-width:40rem){\(phone)}
    @media print{:root{color-scheme:light;\(ReportPalette.light.properties)}\(paper)}
    """
  }

  private static let screen = """
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%}
    body{margin:0;background:var(--page);color:var(--text);
    font:15px/1.6 system-ui,-apple-system,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC",
    "Source Han Sans SC","WenQuanYi Micro Hei",sans-serif}
    body>*{max-width:74rem;margin-left:auto;margin-right:auto;padding-left:1rem;padding-right:1rem}
    a{color:var(--link);text-underline-offset:.2em}
    a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--link);
    outline-offset:2px}
    header{padding-top:1.6rem;padding-bottom:.4rem}
    h1{font-size:1.65rem;line-height:1.3;margin:0;font-weight:650}
    h2{font-size:1.12rem;line-height:1.4;margin:0 0 .6rem;font-weight:650}
    h3{font-size:.95rem;margin:.9rem 0 .3rem;font-weight:650}
    p{margin:.3rem 0 .6rem}
    .meta{color:var(--muted);margin:.3rem 0 0;display:flex;flex-wrap:wrap;gap:.1rem 1.1rem}
    section>div,section>details,.state{background:var(--panel);border:1px solid var(--rule);
    border-radius:.4rem;padding:1rem 1.1rem;margin:0 0 .8rem}
    section{padding-top:.2rem}
    section>h2{margin-top:.9rem}
    .muted,.note{color:var(--muted)}
    .note{font-size:.85rem;line-height:1.55;margin:.5rem 0 0}
    .number,td.n,th.n{font-variant-numeric:tabular-nums;text-align:right;white-space:nowrap}
    code{font:.88em ui-monospace,"Cascadia Mono","SFMono-Regular","DejaVu Sans Mono",monospace;
    overflow-wrap:anywhere}
    bdi{overflow-wrap:anywhere}
    .state{border-left:.35rem solid var(--good-text);padding:.8rem 1.1rem}
    .state.bad{border-left-color:var(--bad-text)}
    .state.near{border-left-color:var(--near-text)}
    .state h2{margin-bottom:.3rem}
    .state ul{list-style:none;margin:0;padding:0}
    .state li{display:grid;grid-template-columns:4.6rem 1fr;gap:.7rem;padding:.32rem 0;
    border-top:1px solid var(--rule);align-items:baseline}
    .state li:first-child{border-top:0}
    .tag{display:inline-block;border-radius:.25rem;padding:0 .5em;font-size:.92em;line-height:1.5;white-space:nowrap;text-align:center;background:var(--none);
    color:var(--none-text)}
    .tag.good{background:var(--good);color:var(--good-text)}
    .tag.near{background:var(--near);color:var(--near-text)}
    .tag.bad{background:var(--bad);color:var(--bad-text)}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(7.2rem,1fr));gap:.1rem 1rem;
    margin:0}
    .figures div{border-top:1px solid var(--rule);padding:.45rem 0 .5rem}
    .figures dt{color:var(--muted);font-size:.85rem}
    .figures dd{margin:0}
    .figures .big{font-size:1.3rem;line-height:1.35;font-variant-numeric:tabular-nums;font-weight:600}
    .figures .small{display:block;font-size:.8rem;color:var(--muted);
    font-variant-numeric:tabular-nums}
    .rates{display:grid;grid-template-columns:repeat(auto-fit,minmax(15rem,1fr));gap:.2rem 1.4rem;
    margin:0 0 .5rem}
    .rates>div{padding:.1rem 0 .5rem}
    .rates dt{color:var(--muted);font-size:.85rem}
    .rates dd{margin:0;font-variant-numeric:tabular-nums}
    .rates .big{font-size:1.7rem;line-height:1.35;font-weight:650;margin-right:.5rem}
    .rates .tag{font-size:.8rem;vertical-align:.25em}
    .rates .small{display:block;font-size:.85rem;color:var(--muted)}
    .scroll{overflow-x:auto;margin:0 -.3rem;padding:0 .3rem}
    table{border-collapse:collapse;width:100%;font-size:.87rem;line-height:1.45}
    th,td{padding:.3rem .45rem;text-align:left;vertical-align:top;border-top:1px solid var(--rule)}
    thead th{border-top:0;color:var(--muted);font-weight:500;font-size:.82rem;vertical-align:bottom;
    text-align:left}
    thead th.n{text-align:right}
    tbody th{font-weight:500}
    tfoot th,tfoot td{border-top:2px solid var(--rule);font-weight:600}
    .low{font-weight:650;color:var(--bad-text)}
    .matrix{font-size:.8rem;border-collapse:separate;border-spacing:2px}
    .matrix th,.matrix td{border:0;padding:.2rem .25rem}
    .matrix thead th{text-align:center;vertical-align:bottom}
    .matrix thead a{display:block;text-decoration:none}
    .matrix thead td{background:none}
    .matrix .full{display:block;width:max-content;writing-mode:vertical-rl;margin:0 auto .3rem;
    line-height:1.15;font-size:.75rem;letter-spacing:.04em;color:var(--muted)}
    .matrix tbody th,.matrix tfoot th{position:sticky;left:0;background:var(--panel);
    min-width:11.8rem;vertical-align:middle;padding-right:.5rem;z-index:1}
    .matrix tbody th b{font-weight:600;margin-right:.35rem}
    .matrix td{text-align:center;vertical-align:middle;min-width:3.1rem;border-radius:.2rem;
    line-height:1.25;font-variant-numeric:tabular-nums;white-space:nowrap;
    background:var(--none);color:var(--none-text)}
    .matrix td span{display:block;font-size:.72rem}
    .matrix td.met{background:var(--good);color:var(--good-text)}
    .matrix td.near{background:var(--near);color:var(--near-text)}
    .matrix td.far{background:var(--bad);color:var(--bad-text);font-weight:600}
    .matrix td.far span{font-weight:400}
    .matrix td.gone{background:none;color:var(--bad-text);outline:1px dashed var(--bad-text);
    outline-offset:-1px}
    .matrix td.empty{background:none;color:var(--muted)}
    .matrix tfoot td,.matrix td.sum{font-weight:600}
    .legend{display:flex;flex-wrap:wrap;gap:.2rem .9rem;list-style:none;padding:0;margin:.6rem 0 0;
    font-size:.82rem;color:var(--muted)}
    section>details{padding:0 1.1rem}
    section>details+details{margin-top:-.45rem}
    section>div>details{border-top:1px solid var(--rule)}
    summary{cursor:pointer;padding:.6rem 0;line-height:1.5}
    summary .name{font-weight:600}
    summary .sums{color:var(--muted);font-variant-numeric:tabular-nums;margin-left:.6rem}
    details>.scroll{padding-bottom:.8rem}
    details tbody th,details tfoot th{min-width:8.5rem;position:sticky;left:0;background:var(--panel)}
    .bar{display:block;height:.25rem;margin-top:.2rem;min-width:5rem;direction:rtl}
    .bar i{display:block;height:100%;background:var(--ink);border-radius:.12rem}
    .charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:1rem 1.6rem}
    figure{margin:0}
    figcaption{font-size:.85rem;display:flex;justify-content:space-between;gap:.6rem}
    figcaption b{font-weight:600}
    figcaption span{color:var(--muted);font-variant-numeric:tabular-nums}
    svg{display:block;width:100%;height:auto;overflow:visible}
    svg text{font-size:11px;fill:var(--muted);font-variant-numeric:tabular-nums}
    .axis{stroke:var(--rule)}
    .target{stroke:var(--muted);stroke-dasharray:4 3}
    .line{fill:none;stroke:var(--ink);stroke-width:1.8;stroke-linejoin:round}
    .dot{fill:var(--ink)}
    .mark{fill:var(--bad-text)}
    .column{fill:var(--ink)}
    .coverage{font:.78rem/1.5 ui-monospace,"Cascadia Mono","SFMono-Regular","DejaVu Sans Mono",monospace;
    margin:.4rem 0}
    footer{padding-top:.6rem;padding-bottom:2.5rem;font-size:.87rem}
    footer dl{margin:0}
    footer dt{font-weight:600;margin-top:.6rem}
    footer dd{margin:.1rem 0 0;color:var(--muted)}
    footer pre{margin:.25rem 0 0;white-space:pre-wrap;color:var(--text);overflow-wrap:anywhere}
    .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);
    white-space:nowrap}
    """

  /// Lists of causes and of held deliveries become cards; tables of numbers scroll.
  private static let phone = """
    body{font-size:14px}
    body>*{padding-left:.7rem;padding-right:.7rem}
    h1{font-size:1.35rem}
    section>div,.state{padding:.8rem .8rem}
    section>details{padding:0 .8rem}
    .state li{grid-template-columns:1fr;gap:.1rem}
    .state .tag{justify-self:start}
    .figures{grid-template-columns:repeat(3,1fr);gap:.1rem .8rem}
    .figures .big{font-size:1.1rem}
    .rates,.charts{grid-template-columns:1fr}
    .matrix tbody th .long{display:none}
    .matrix tbody th,.matrix tfoot th{min-width:0}
    table.stack,.stack tbody,.stack tr,.stack td,.stack th{display:block;width:auto}
    .stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
    .stack tr{border-top:1px solid var(--rule);padding:.5rem 0}
    .stack tbody tr:first-child{border-top:0}
    .stack td,.stack th{border:0;padding:.05rem 0;text-align:left;white-space:normal}
    .stack td.n{display:inline-block;margin-right:1.1rem}
    .bar{display:none}
    .stack td[data-name]::before{content:attr(data-name) " ";color:var(--muted);font-size:.9em}
    summary .sums{display:block;margin-left:0}
    """

  private static let paper = """
    @page{size:A4;margin:12mm 11mm}
    html{font-size:8.6pt}
    body{font-size:1rem;line-height:1.45;background:#fff;print-color-adjust:exact;
    -webkit-print-color-adjust:exact}
    body>*{max-width:none;padding-left:0;padding-right:0}
    header{padding-top:0}
    h2{break-after:avoid}
    h3{break-after:avoid}
    section>div,.state{padding:2.5mm 3mm;margin-bottom:2.5mm;border-radius:0}
    section>details{padding:0 3mm 2mm;border-radius:0}
    .state,.figures,.rates,figure,tr,.legend,footer dd,#attainment,#timeliness{
    break-inside:avoid}
    .scroll{overflow:visible;margin:0;padding:0}
    th,td{padding:.5mm 1.2mm}
    td.n,th.n{white-space:nowrap}
    thead{display:table-header-group}
    tfoot{display:table-row-group}
    .matrix{font-size:.72rem;border-spacing:1px}
    .matrix td span,.matrix .full{font-size:.64rem}
    .matrix th,.matrix td{padding:0 .3mm}
    .matrix td{line-height:1.12}
    .matrix td{min-width:0}
    .matrix tbody th,.matrix tfoot th{position:static;white-space:normal;min-width:36mm}
    details>summary{break-after:avoid}
    #balance details{break-inside:avoid}
    details tbody th,details tfoot th{position:static;min-width:0}
    details::details-content{content-visibility:visible;display:block;height:auto}
    summary{list-style:none;padding:1.5mm 0 1mm}
    summary::-webkit-details-marker{display:none}
    .charts{grid-template-columns:repeat(3,1fr)}
    .rates{grid-template-columns:repeat(4,1fr)}
    .rates .big{font-size:1.2rem;margin-right:.3rem}
    .rates .tag{font-size:.72rem}
    .figures{grid-template-columns:repeat(8,1fr);gap:0 .6rem}
    .figures .big{font-size:1.1rem}
    .state li{padding:.15rem 0}
    section{padding-top:0}
    section>h2{margin:.5rem 0 .4rem}
    .screen{display:none}
    a{color:inherit;text-decoration:none}
    """
}
