//! How the demo's sites look: one style sheet in several colours, and pictures drawn as SVG.
#![deny(clippy::disallowed_methods)]

use std::fmt::Write as _;

/// The style sheet, with the site's colour for header, links and headings.
pub fn sheet(colour: &str) -> String {
    format!(":root{{--main:{colour}}}\n{SHEET}")
}

const SHEET: &str = r#"*{box-sizing:border-box;margin:0;padding:0}
body{font:16px/1.75 "Microsoft YaHei","Noto Sans CJK SC","PingFang SC",sans-serif;color:#333;background:#f4f6f9}
a{color:#333;text-decoration:none}a:hover{color:var(--main);text-decoration:underline}
ul{list-style:none}img{border:0;max-width:100%}
.wrap{width:1200px;margin:0 auto}
.topbar{background:#fff;border-bottom:1px solid #e3e8ef;font-size:13px;color:#667;line-height:34px}
.topbar .wrap{display:flex;justify-content:space-between}.topbar a{color:#667;margin-left:16px}
.head{background:linear-gradient(180deg,#fff 0,#eaf1fa 100%);padding:26px 0}
.head .wrap{display:flex;justify-content:space-between;align-items:center}
.logo{display:flex;align-items:center}.logo img{width:76px;height:76px;margin-right:18px}
.logo strong{font:700 38px/1.2 "STZhongsong","Noto Serif CJK SC","SimSun",serif;color:var(--main);letter-spacing:3px}
.logo small{display:block;font-size:14px;color:#889;letter-spacing:1px}
.search{display:flex}.search input{width:280px;height:40px;border:2px solid var(--main);border-right:0;padding:0 12px;font-size:15px}
.search button{height:40px;padding:0 22px;border:0;background:var(--main);color:#fff;font-size:15px}
.nav{background:var(--main)}.nav ul{display:flex}.nav li{flex:1;position:relative;text-align:center}
.nav a{display:block;color:#fff;font-size:17px;line-height:50px}.nav a:hover{background:rgba(255,255,255,.18);text-decoration:none}
.nav .sub{display:none;position:absolute;top:50px;left:0;width:100%;background:#fff;box-shadow:0 3px 8px rgba(0,0,0,.15);z-index:9}
.nav .sub a{color:#333;font-size:15px;line-height:40px}.nav li:hover .sub{display:block}
.crumb{padding:16px 0;font-size:14px;color:#778}.crumb a{color:#778}
.cols{display:flex;gap:20px;align-items:flex-start;margin-bottom:24px}
.side{width:250px;background:#fff;border-top:3px solid var(--main)}
.side h2{font-size:20px;color:#fff;background:var(--main);text-align:center;line-height:56px;font-weight:500}
.side li a{display:block;padding:0 22px;line-height:48px;border-bottom:1px dashed #e3e8ef}
.side li.on a{color:var(--main);font-weight:700;background:#f0f5fb}
.main{flex:1;background:#fff;padding:22px 30px;min-height:480px;border-top:3px solid var(--main)}
.main h2.name{font-size:22px;color:var(--main);border-bottom:2px solid #e3e8ef;line-height:46px;margin-bottom:12px;font-weight:600}
.list li{display:flex;justify-content:space-between;line-height:46px;border-bottom:1px dashed #dfe5ec}
.list li.line{height:18px;line-height:18px;border:0}
.list li a{flex:1;overflow:hidden;white-space:nowrap;text-overflow:ellipsis}
.list li a:before{content:"";display:inline-block;width:5px;height:5px;background:var(--main);margin:0 10px 4px 0}
.list li span{color:#99a;font-size:14px;margin-left:20px}.list b.top{color:#c00;font-weight:400}
.none{text-align:center;color:#99a;padding:90px 0}
table.docs{width:100%;border-collapse:collapse;font-size:15px}table.docs th{background:#eef3f9;line-height:44px;font-weight:600}
table.docs td{border-bottom:1px solid #e3e8ef;padding:9px 8px;text-align:center}table.docs td.t{text-align:left}
.pics{display:flex;flex-wrap:wrap;gap:18px}.pics li{width:273px}.pics img{width:273px;height:164px;object-fit:cover;display:block}
.pics p{line-height:1.5;padding-top:6px}.pics span{color:#99a;font-size:13px}
.page{padding:26px 0 6px;text-align:center;font-size:14px;color:#778}.page a{margin:0 8px}
.article{background:#fff;padding:36px 70px;margin-bottom:24px;min-height:520px;border-top:3px solid var(--main)}
.article h1{font-size:28px;line-height:1.5;text-align:center;font-weight:600}
.info{text-align:center;color:#889;font-size:14px;border-bottom:1px solid #e3e8ef;padding:14px 0;margin-bottom:22px}.info span{margin:0 12px}
.TRS_Editor p,#zoom p{text-indent:2em;margin-bottom:14px;font-size:17px;line-height:1.9}.TRS_Editor img,#zoom img{display:block;margin:10px auto;width:640px}
.attach{background:#f5f8fc;padding:14px 20px;margin-top:18px}.attach a{color:var(--main)}
.banner{height:96px;margin:18px 0;border-radius:4px;color:#fff;font-size:30px;line-height:96px;text-align:center;letter-spacing:6px;background:linear-gradient(90deg,var(--main),color-mix(in srgb,var(--main) 62%,#fff) 55%,var(--main))}
.banner a{color:#fff}
.focus{display:flex;gap:20px;margin:20px 0}.focus .pic{width:560px;position:relative}.focus .pic img{width:560px;height:340px;object-fit:cover;display:block}
.focus .pic p{position:absolute;bottom:0;left:0;right:0;background:rgba(0,0,0,.5);padding:6px 16px}.focus .pic a{color:#fff}
.box{background:#fff;padding:14px 22px 18px;flex:1;min-width:0}.box h3{font-size:19px;border-bottom:2px solid var(--main);line-height:42px;margin-bottom:8px;color:var(--main);display:flex;justify-content:space-between}
.box h3 a{color:inherit}.box h3 a.more{font-size:13px;font-weight:400;color:#99a}.box .list li{line-height:39px;font-size:15px}
.grid{display:grid;grid-template-columns:1fr 1fr;gap:20px;margin-bottom:20px}
.doors{display:grid;grid-template-columns:repeat(6,1fr);gap:14px;margin-bottom:20px}
.doors a{background:#fff;text-align:center;padding:18px 0;border-bottom:3px solid var(--main);font-size:17px}
.own h4{margin:16px 0 6px;color:var(--main);font-size:18px}.own p{text-indent:2em}
.leader{display:flex;gap:24px;border-bottom:1px dashed #dfe5ec;padding:16px 0}.leader img{width:110px;height:140px}
.tabs{background:#fff;padding:16px 22px;margin-bottom:20px}.tabs .tab-hd b{margin-right:30px;color:var(--main)}.tab-bd a{display:inline-block;margin:6px 26px 0 0;font-size:14px}
.foot{background:#2f3d50;color:#c4cedb;font-size:14px;padding:30px 0;text-align:center;line-height:2.1}.foot a{color:#c4cedb;margin:0 8px}
.foot .marks{margin-top:8px}.foot .marks img{width:46px;height:56px;vertical-align:middle;margin:0 10px}
.wall{max-width:640px;margin:120px auto;background:#fff;padding:50px;text-align:center;border-top:4px solid #c33}
"#;

/// The script that every page loads: what writes the numbers of further pages, and two trifles.
pub const SCRIPT: &str = r#"function setHome(){return false}
function doZoom(size){var e=document.querySelector('.TRS_Editor');if(e){e.style.fontSize=size+'px'}}
function createPageHTML(count,current,name,ext){
  var out='';
  for(var i=0;i<count;i++){
    out+=i===current?'<b>'+(i+1)+'</b>':'<a href="'+name+(i?'_'+i:'')+'.'+ext+'">'+(i+1)+'</a>';
  }
  document.write('共'+count+'页　'+out);
}
"#;

/// A landscape of hills, different for each seed.
pub fn landscape(seed: u32) -> String {
    let hue = (seed * 67 + 90) % 360;
    let mut hills = String::new();
    for layer in 0..4_u32 {
        let rise =
            |step: u32| 150 + layer * 50 + (seed * 37 + layer * 53 + step * step * 41 + step * 29) % 80;
        let _ = write!(
            hills,
            "<path fill=\"hsl({hue},32%,{}%)\" d=\"M0 360V{a}C107 {a} 107 {b} 213 {b}S320 {c} 427 {c} 533 {d} 640 {d}V360Z\"/>",
            66 - layer * 12,
            a = rise(0),
            b = rise(1),
            c = rise(2),
            d = rise(3),
        );
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 640 360\"><defs><linearGradient id=\"s\" x2=\"0\" y2=\"1\">\
         <stop stop-color=\"#a9cdec\"/><stop offset=\"1\" stop-color=\"#fff3df\"/></linearGradient></defs>\
         <rect width=\"640\" height=\"360\" fill=\"url(#s)\"/><circle cx=\"{sun}\" cy=\"86\" r=\"32\" fill=\"#ffd88a\"/>{hills}</svg>",
        sun = 90 + seed * 83 % 460,
    )
}

/// The badge beside a site's name: hills over water in a ring.
pub fn badge(colour: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 80 80\"><circle cx=\"40\" cy=\"40\" r=\"37\" fill=\"#fff\" \
         stroke=\"{colour}\" stroke-width=\"4\"/><path d=\"M12 50 30 24 42 42 52 30 68 50Z\" fill=\"{colour}\"/>\
         <path d=\"M16 58q6-5 12 0t12 0 12 0 12 0\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"3\"/></svg>"
    )
}

/// The picture of a leader: a neutral figure.
pub fn figure() -> String {
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 110 140\"><rect width=\"110\" height=\"140\" fill=\"#dfe7f1\"/>\
     <circle cx=\"55\" cy=\"52\" r=\"24\" fill=\"#9fb1c7\"/><path d=\"M12 140c0-36 18-54 43-54s43 18 43 54z\" fill=\"#9fb1c7\"/></svg>"
        .to_owned()
}

/// The mark of a party or government organ, as a plain drawing.
pub fn mark() -> String {
    "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 46 56\"><rect x=\"2\" y=\"2\" width=\"42\" height=\"52\" rx=\"6\" \
     fill=\"#c8102e\"/><text x=\"23\" y=\"26\" font-size=\"13\" fill=\"#fff\" text-anchor=\"middle\">党政</text>\
     <text x=\"23\" y=\"44\" font-size=\"13\" fill=\"#fff\" text-anchor=\"middle\">机关</text></svg>"
        .to_owned()
}
