import Pipeline

/// The style sheet of the console: that of the report, and what a page that one works with has besides.
enum ConsoleStyle {
  static let sheet = ReportStyle.sheet + "\n" + own

  private static let own = """
    body>*{max-width:82rem}
    .skip{position:absolute;left:-999rem;padding:.5rem 1rem;background:var(--panel);z-index:9}
    .skip:focus{left:.5rem;top:.5rem}
    main:focus{outline:none}
    .bar-top{display:flex;flex-wrap:wrap;align-items:center;gap:.3rem 1.4rem;padding-top:.7rem;
    padding-bottom:.7rem;border-bottom:1px solid var(--rule);max-width:none;background:var(--panel)}
    .brand{margin:0;font-size:1.2rem;font-weight:650}
    .brand a{text-decoration:none;color:var(--text)}
    .bar-top ul{display:flex;gap:.4rem;list-style:none;margin:0;padding:0}
    .bar-top nav a{display:block;padding:.35rem .8rem;border-radius:.3rem;text-decoration:none}
    .bar-top nav a[aria-current]{background:var(--none);color:var(--text);font-weight:600}
    .who{margin-left:auto;display:flex;flex-wrap:wrap;align-items:center;gap:.2rem 1rem;
    font-size:.87rem;color:var(--muted)}
    .who b{color:var(--text)}
    .who form{margin:0}
    main{padding-top:1.1rem;padding-bottom:3rem}
    main>h1{margin-bottom:.8rem}
    button,.button,input,select{font:inherit;color:inherit;border-radius:.3rem;
    border:1px solid var(--muted);background:var(--panel);padding:.42rem .8rem;min-height:2.4rem}
    button,.button{cursor:pointer;background:var(--link);border-color:var(--link);color:var(--panel);
    font-weight:600;text-decoration:none;display:inline-block}
    button.plain{background:none;border-color:transparent;color:var(--link);padding:.2rem .3rem;
    min-height:0;font-weight:400;text-decoration:underline;text-underline-offset:.2em}
    input:focus-visible,select:focus-visible,textarea:focus-visible,button:focus-visible,
    .button:focus-visible{outline:2px solid var(--link);
    outline-offset:2px}
    .card{max-width:25rem;background:var(--panel);border:1px solid var(--rule);border-radius:.4rem;
    padding:1.2rem 1.3rem}
    .card label{display:block;margin:.7rem 0 .2rem;font-weight:600}
    .card input{width:100%}
    .card button{margin-top:1.1rem;width:100%}
    .alert{border-left:.35rem solid var(--bad-text);background:var(--bad);color:var(--bad-text);
    padding:.5rem .8rem;border-radius:.25rem;margin:0 0 .9rem}
    .run{margin:0 0 .8rem;display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;color:var(--muted)}
    .workbench{display:grid;grid-template-columns:17rem minmax(0,1fr);gap:1.2rem;align-items:start}
    .results{grid-column:2;grid-row:1}
    .facets{grid-column:1;grid-row:1;font-size:.87rem}
    .to-facets{display:none}
    td.short{white-space:nowrap}
    .facets fieldset{border:0;margin:0 0 .6rem;padding:0}
    .facets h2{font-size:.87rem;margin:.7rem 0 .2rem;color:var(--muted);font-weight:600}
    .facets ul{list-style:none;margin:0;padding:0}
    .facets li a{display:flex;justify-content:space-between;gap:.6rem;padding:.16rem .45rem;
    border-radius:.25rem;text-decoration:none;line-height:1.4}
    .facets li a:hover{background:var(--none)}
    .facets li a[aria-current]{background:var(--link);color:var(--panel)}
    .facets li a[aria-current] .count{color:var(--panel)}
    .facets .count{color:var(--muted);font-variant-numeric:tabular-nums}
    .facets .label{overflow-wrap:anywhere}
    .facets summary{padding:.16rem .45rem;color:var(--link)}
    .search{display:flex;flex-wrap:wrap;align-items:center;gap:.5rem;margin:0 0 .8rem}
    .search input{flex:1 1 16rem}
    .chosen{list-style:none;display:flex;flex-wrap:wrap;gap:.4rem;margin:0 0 .8rem;padding:0}
    .chosen a{display:inline-block;background:var(--none);color:var(--text);border-radius:1rem;
    padding:.1rem .7rem;text-decoration:none;font-size:.87rem;overflow-wrap:anywhere}
    .sheet{background:var(--panel);border:1px solid var(--rule);border-radius:.4rem;
    padding:.7rem 1rem;margin:0 0 1rem}
    .sheet h2{margin-top:.2rem}
    .sheet>.scroll{border:0;border-radius:0}
    .summary{display:flex;flex-wrap:wrap;justify-content:space-between;gap:.3rem 1rem;
    align-items:baseline;margin:0 0 .5rem}
    .summary p{margin:0}
    .tabs{display:flex;gap:.9rem;font-size:.9rem}
    .tabs [aria-current]{font-weight:650;color:var(--text);text-decoration:none}
    .lines td,.lines th{padding:.45rem .5rem}
    .lines th[scope=row]{font-weight:600;max-width:30rem}
    .lines .what{display:block;font-weight:400;color:var(--muted)}
    tr:hover>td,tr:hover>th{background:color-mix(in srgb,var(--none) 45%,transparent)}
    ul.plain{list-style:none;margin:0;padding:0}
    code{overflow-wrap:anywhere}
    .search label{display:inline-flex;align-items:center;gap:.4rem;white-space:nowrap;max-width:100%}
    .search label input{flex:1 1 9rem;min-width:0}
    .pages{display:flex;gap:1rem;margin:.8rem 0 0}
    .reasons{list-style:none;margin:0;padding:0;counter-reset:reason}
    .reasons>li{border-top:1px solid var(--rule);padding:.6rem 0;display:grid;
    grid-template-columns:2rem minmax(0,1fr);gap:.2rem .6rem}
    .reasons>li:first-child{border-top:0}
    .reasons .sign{font-weight:650;color:var(--bad-text)}
    .reasons p{margin:0 0 .2rem;overflow-wrap:anywhere}
    .reasons .rule{color:var(--muted);font-size:.87rem;overflow-wrap:anywhere}
    .fields{table-layout:fixed}
    .fields td,.fields th{overflow-wrap:anywhere}
    .fields tr.wrong>td,.fields tr.wrong>th{background:var(--bad);color:var(--bad-text)}
    .fields tr.wrong .muted{color:inherit}
    .fields .sign{font-weight:650}
    .raw{white-space:pre-wrap;overflow-wrap:anywhere;margin:0;
    font:.85rem/1.7 ui-monospace,"Cascadia Mono","DejaVu Sans Mono",monospace}
    mark{background:var(--near);color:var(--near-text);border-bottom:2px solid var(--near-text);
    padding:0 .1em}
    .mask{color:var(--muted);font-style:normal}
    .facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(11rem,1fr));gap:.1rem 1.2rem;
    margin:0}
    .facts div{padding:.25rem 0}
    .facts dt{color:var(--muted);font-size:.82rem}
    .facts dd{margin:0;overflow-wrap:anywhere}
    .voices td,.voices thead th{min-width:7rem}
    .voices thead .what{display:block;white-space:nowrap}
    .voices th[scope=row]{min-width:8rem}
    .disputed td,.disputed th{background:var(--near);color:var(--near-text)}
    .disputed a,.disputed .muted{color:inherit}
    .winner{font-weight:650}
    progress.bar{width:100%;-webkit-appearance:none;appearance:none;border:0;background:none;
    direction:rtl}
    progress.bar::-webkit-progress-bar{background:none}
    progress.bar::-webkit-progress-value{background:var(--ink);border-radius:.12rem}
    progress.bar::-moz-progress-bar{background:var(--ink)}
    section progress{width:100%}
    .matrix td a{color:inherit;text-decoration:none;display:block}
    .matrix td a:hover,.matrix td a:focus{text-decoration:underline}
    .acts details{border-width:1px 0 0;border-radius:0;padding:.3rem 0}
    .sheet>.acts{border:0;padding:0;margin:.6rem 0 0}
    .acts form{max-width:46rem;margin:.4rem 0 .8rem}
    .acts form p{margin:0 0 .6rem}
    .acts label{display:block;font-weight:600;margin:0 0 .15rem}
    .acts textarea,.values input,.acts select{width:100%}
    .values{display:grid;grid-template-columns:repeat(auto-fill,minmax(19rem,1fr));gap:0 1rem}
    .decision{margin:.3rem 0 0}
    textarea{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--muted);
    border-radius:.3rem;padding:.42rem .8rem}
    .alert ul{margin:.2rem 0 0}
    @media (max-width:56rem){
    .workbench{grid-template-columns:minmax(0,1fr)}
    .results,.facets{grid-column:1;grid-row:auto}
    .to-facets{display:block;margin:0 0 .5rem}
    .facets details.all>summary{font-weight:600;font-size:1rem}
    .who{margin-left:0}
    }
    """
}
