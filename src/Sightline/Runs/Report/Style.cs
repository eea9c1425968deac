namespace Sightline.Runs.Report;

/// <summary>The page's style sheet; colours come from <see cref="Palette"/>.</summary>
internal static class Style
{
    public const string Css = """
        *{box-sizing:border-box}
        html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
        @media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
        body{margin:0;background:var(--page);color:var(--text);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Liberation Sans",Arial,sans-serif}
        h1,h2,h3,p,ul,ol,dl,dd,figure,pre{margin:0;padding:0}
        ul,ol{list-style:none}
        h1{font-size:clamp(1.6rem,4vw,2.3rem);line-height:1.15;letter-spacing:-.02em;font-weight:700;overflow-wrap:anywhere}
        h2{font-size:1.35rem;letter-spacing:-.01em;margin-bottom:1rem}
        h3{font-size:1rem}
        a{color:var(--accent)}
        a:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--accent);outline-offset:2px;border-radius:4px}
        code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.88em}
        .hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
        .skip{position:absolute;left:-999px;top:0;background:var(--card);padding:.6rem 1rem;z-index:3}
        .skip:focus{left:.5rem}
        .wide,main,footer{max-width:72rem;margin:0 auto;padding-left:1.25rem;padding-right:1.25rem}
        header{background:var(--card);padding:2rem 0 1.5rem}
        .brand{display:flex;align-items:center;gap:.5rem;font-weight:700;margin-bottom:1rem}
        .brand span{font-weight:400;color:var(--muted)}
        .brand svg{fill:none;stroke:var(--accent);stroke-width:2;stroke-linecap:round}
        .brand circle{fill:var(--accent);stroke:none}
        .meta{display:flex;flex-wrap:wrap;gap:.3rem 1.5rem;margin-top:.8rem;color:var(--muted);font-size:.94rem}
        .meta b{color:var(--text);font-weight:600;overflow-wrap:anywhere}
        nav{background:var(--card);border-bottom:1px solid var(--line);position:sticky;top:0;z-index:2}
        nav ul{display:flex;gap:.25rem;overflow-x:auto}
        nav a{display:block;padding:.65rem .7rem;text-decoration:none;color:var(--muted);font-size:.94rem;white-space:nowrap}
        nav li:first-child a{padding-left:0}
        nav a:hover{color:var(--accent);text-decoration:underline;text-underline-offset:.3em}
        main{padding-top:1.75rem}
        section{margin-bottom:2.75rem;scroll-margin-top:4rem}
        .panel,.charts>figure,.cards>li{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:1.25rem}
        .note{color:var(--muted);font-size:.88rem}
        section>.note{margin-top:.9rem;max-width:60rem}
        .panel>.note{margin-top:.9rem}
        .cards{display:grid;gap:1rem;grid-template-columns:1.35fr 1fr 1fr 1fr}
        .cards>li{display:flex;flex-direction:column;padding:1.1rem 1.25rem}
        .cards .first{background:var(--accent-soft);border-color:var(--accent)}
        .what{font-weight:600;color:var(--muted);font-size:.95rem}
        .what abbr{text-decoration:none}
        .figure{font-size:2rem;font-weight:700;line-height:1.25;letter-spacing:-.02em;font-variant-numeric:tabular-nums}
        .first .figure{font-size:2.8rem;color:var(--accent)}
        .cards .note{padding-top:.35rem}
        .meter{width:100%;height:12px;margin:.35rem 0 .1rem}
        .meter .track{fill:var(--line)}
        .meter .fill{fill:var(--accent);opacity:.55}
        .meter .span{fill:var(--accent)}
        .facts{display:flex;flex-wrap:wrap;gap:.75rem 2.5rem;padding:1.1rem 1.25rem .2rem}
        .facts dt{color:var(--muted);font-size:.85rem}
        .facts dd{font-weight:600;font-variant-numeric:tabular-nums}
        .verdict{display:flex;gap:.9rem;align-items:flex-start;border-radius:12px;padding:1rem 1.25rem;margin-top:1.1rem;border-left:5px solid}
        .verdict>div{min-width:0;flex:1}
        .verdict .word{font-weight:700}
        .sign{flex:none;width:1.7rem;height:1.7rem;border-radius:50%;display:grid;place-items:center;font-weight:700;color:var(--card)}
        .good{background:var(--good-soft);border-color:var(--good)}.good .sign{background:var(--good)}
        .info{background:var(--accent-soft);border-color:var(--accent)}.info .sign{background:var(--accent)}
        .warn{background:var(--warn-soft);border-color:var(--warn)}.warn .sign{background:var(--warn)}
        .bad{background:var(--bad-soft);border-color:var(--bad)}.bad .sign{background:var(--bad)}
        .charts{display:grid;gap:1rem;grid-template-columns:repeat(2,minmax(0,1fr))}
        .chart .summary{color:var(--muted);font-size:.88rem;margin-top:.5rem}
        .legend{display:flex;flex-wrap:wrap;gap:.2rem 1.2rem;margin:.6rem 0 .3rem;font-size:.9rem}
        .legend li{display:flex;align-items:center;gap:.5rem}
        .scroll{overflow-x:auto}
        .plot{display:block;width:100%;min-width:26rem;height:auto}
        .plot text{font-size:12px;fill:var(--muted)}
        .plot .grid path{stroke:var(--line)}
        .plot .axis,.plot .ticks path{stroke:var(--axis);fill:none}
        .s0{--c:var(--accent)}.s1{--c:var(--second)}.s2{--c:var(--third)}
        .s0>path,.s1>path,.s2>path{fill:none;stroke:var(--c);stroke-width:2.2;stroke-linejoin:round}
        .s1>path{stroke-dasharray:8 4}
        .s2>path{stroke-dasharray:2 4}
        .s0>.m,.s1>.m,.s2>.m{fill:var(--card);stroke-width:2;stroke-dasharray:none}
        .plot .end{font-weight:600}
        .plot .e0{fill:var(--accent)}.plot .e1{fill:var(--second)}.plot .e2{fill:var(--third)}
        .mark path{stroke:var(--axis);stroke-dasharray:3 3}
        .plot .mark text{font-size:11.5px}
        .empty{padding:2rem 0;color:var(--muted)}
        details{margin-top:.7rem}
        summary{cursor:pointer;color:var(--accent);font-size:.92rem;padding:.25rem 0;min-height:24px;width:fit-content}
        table{border-collapse:collapse;width:100%;font-size:.94rem;font-variant-numeric:tabular-nums}
        caption{text-align:left;color:var(--muted);font-size:.9rem;padding-bottom:.7rem;max-width:calc(100vw - 5.2rem)}
        th,td{text-align:left;padding:.4rem .7rem .4rem 0;border-bottom:1px solid var(--line);vertical-align:middle;unicode-bidi:isolate}
        thead th{color:var(--muted);font-weight:600;font-size:.87rem;vertical-align:bottom}
        tbody th{font-weight:600;overflow-wrap:anywhere}
        tfoot th,tfoot td{border-bottom:0;color:var(--muted)}
        .n{text-align:right;padding-right:1.4rem}
        .strong{font-weight:700}
        .classes{min-width:44rem}
        .classes tbody th{max-width:16rem}
        .bar{white-space:nowrap}
        .bar .v{display:inline-block;min-width:3.9rem}
        .bar .i{display:inline-block;margin-left:.6rem;color:var(--muted);font-size:.84rem}
        .bar .none{color:var(--muted)}
        .whisker{width:180px;height:16px;vertical-align:middle}
        .whisker>.rail{stroke:var(--line);stroke-width:1;stroke-dasharray:none}
        .whisker>.w{fill:var(--c);opacity:.38}
        .whisker>.v{stroke-width:2.5;stroke-dasharray:none}
        .confusion{width:auto;border-collapse:separate;border-spacing:2px}
        .confusion th,.confusion td{border:0;padding:.3rem}
        .confusion td{min-width:3.1rem;height:2.3rem;text-align:center;border-radius:5px}
        .confusion.dense td{min-width:2.2rem;height:1.9rem;font-size:.8rem}
        .confusion .z{color:var(--muted);font-size:.8rem}
        .confusion tbody th{text-align:right;padding-right:.7rem;position:sticky;left:0;background:var(--card);max-width:12rem;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
        .confusion .corner{text-align:right;padding-right:.7rem}
        .turned span{writing-mode:vertical-rl;transform:rotate(180deg);white-space:nowrap}
        .confusion .turned{text-align:center;color:var(--text)}
        .key{border-radius:4px;padding:.05rem .45rem}
        #confusion .panel{display:flex;flex-wrap:wrap;gap:1.5rem 2.5rem;align-items:flex-start}
        #confusion .panel>.scroll{max-width:100%}.matrix figcaption{margin-top:.5rem}
        .pairs{flex:1 1 17rem;font-size:.94rem}
        .pairs ol{margin-top:.5rem;counter-reset:n}
        .pairs li{counter-increment:n;padding:.4rem 0 .4rem 1.7rem;position:relative;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
        .pairs li::before{content:counter(n);position:absolute;left:0;color:var(--muted)}
        .matrix{flex:0 1 26rem}
        .matrix img{width:100%;height:auto;image-rendering:pixelated;border:1px solid var(--axis);border-radius:6px;background:#fff}
        .matrix figcaption{color:var(--muted);font-size:.88rem}
        .split{display:grid;grid-template-columns:minmax(0,1fr) minmax(0,1fr);gap:2rem;align-items:start}
        .plot.reliability{min-width:0;max-width:27rem}
        .reliability .right{fill:var(--accent);fill-opacity:.3;stroke:var(--accent);stroke-width:1.5}
        .reliability .gap{fill:url(#hatch);stroke:var(--second);stroke-width:1.2}
        .hatch{stroke:var(--second);stroke-width:2.5}
        .reliability .ideal{stroke:var(--text);stroke-dasharray:5 4;stroke-width:1.4}
        .reliability .counts{fill:var(--axis)}
        .legend .box{width:1rem;height:.8rem;border-radius:2px}
        .legend .right{border:1.5px solid var(--accent);background:color-mix(in srgb,var(--accent) 30%,transparent)}
        .legend .gap{border:1.5px solid var(--second);background:repeating-linear-gradient(135deg,var(--second) 0 2px,transparent 2px 5px)}
        .legend .dash{width:1.4rem;border-top:2px dashed var(--text)}
        #mistakes>p{max-width:60rem;margin-bottom:1rem}#mistakes details>ul{margin-top:.7rem}
        .gallery{display:grid;gap:.9rem;grid-template-columns:repeat(auto-fill,minmax(min(100%,10rem),1fr))}
        .gallery li{background:var(--card);border:1px solid var(--line);border-radius:12px;overflow:hidden}
        .shot{background:var(--line);aspect-ratio:1;display:grid;place-items:center;color:var(--text);font-size:.88rem}
        .shot img{display:block;width:100%;height:100%;min-height:0;object-fit:contain}
        .shot.small img{image-rendering:pixelated}
        .gallery figcaption{padding:.6rem .7rem .7rem;font-size:.87rem;line-height:1.4}
        .gallery b{overflow-wrap:anywhere}
        .tag{color:var(--muted)}
        .tag.wrong{color:var(--second)}
        .sure{font-variant-numeric:tabular-nums;margin-top:.2rem}
        .file{color:var(--muted);font-size:.8rem;overflow-wrap:anywhere}
        #pairs h3{margin:1.1rem 0 .6rem}#pairs p,#explanations p.note{max-width:60rem}
        #explanations .gallery,#pairs .gallery{grid-template-columns:repeat(auto-fill,minmax(min(100%,9rem),1fr))}
        .heats{display:grid;gap:.9rem;margin-top:1rem}
        .heats>li{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:.8rem;display:flex;flex-wrap:wrap;gap:.9rem;align-items:flex-start}
        .heats figure{width:8.5rem}.heats .shot{border-radius:8px;overflow:hidden}
        .heats figcaption{font-size:.84rem;color:var(--muted);padding-top:.3rem;overflow-wrap:anywhere}
        .heats .about{flex:1;min-width:10rem;font-size:.9rem}.heats b{overflow-wrap:anywhere}
        .pairs-list{font-size:.94rem}
        .pairs-list>div{display:grid;grid-template-columns:minmax(8rem,15rem) minmax(0,1fr);gap:.2rem 1rem;padding:.35rem 0;border-bottom:1px solid var(--line)}
        .pairs-list>div:last-child{border-bottom:0}
        .pairs-list dt{color:var(--muted);overflow-wrap:anywhere}
        .pairs-list dt::first-letter{text-transform:uppercase}
        .pairs-list dt:has(code)::first-letter{text-transform:none}
        .pairs-list dd{overflow-wrap:anywhere}
        #data .scroll{margin-top:1.2rem}
        .counts td{min-width:7rem;width:28%}
        .c{display:block;font-size:.88rem;line-height:1.3}
        .count-bar{display:block;height:6px;border-radius:3px;background:var(--accent)}
        .counts td:nth-child(3) .count-bar{background:var(--second)}
        .counts td:nth-child(4) .count-bar{background:var(--third)}
        .groups{display:grid;gap:1rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr))}
        .groups h3{margin-bottom:.5rem}
        .groups .pairs-list>div{grid-template-columns:minmax(0,3fr) minmax(0,2fr)}
        .commands li{padding:.3rem 0 .7rem}
        .commands pre{background:var(--page);border:1px solid var(--line);border-radius:8px;padding:.65rem .9rem;margin-top:.3rem;white-space:pre-wrap;overflow-wrap:anywhere}
        footer{color:var(--muted);font-size:.88rem;padding-bottom:2.5rem}
        @media (max-width:60rem){.cards{grid-template-columns:1fr 1fr}.charts,.split{grid-template-columns:minmax(0,1fr)}}
        @media (max-width:32rem){.cards{grid-template-columns:1fr}.pairs-list>div,.groups .pairs-list>div{grid-template-columns:1fr}.confusion tbody th{max-width:6.5rem}}
        @media (forced-colors:active){.sign{border:1px solid}.reliability .right,.whisker,.count-bar,.meter .span{forced-color-adjust:none}}
        @media print{nav,.skip,details:not([open]){display:none}body{background:#fff;font-size:10pt}main,header{padding-top:0}}
        @media print{.cards{grid-template-columns:1.35fr 1fr 1fr 1fr}.charts,.split{grid-template-columns:repeat(2,minmax(0,1fr))}}
        @media print{section{margin-bottom:1.5rem}h2,h3{break-after:avoid}figure,.cards>li,.gallery li,tr,.verdict{break-inside:avoid}}
        @media print{.scroll{overflow:visible}.plot,.classes{min-width:0}.whisker{width:64px}table{font-size:.84rem}.figure,.first .figure{font-size:1.5rem}}
        @media print{.confusion{font-size:.8rem}.confusion td{min-width:2.1rem;height:1.7rem}*{print-color-adjust:exact}}

        """;
}
