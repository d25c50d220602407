//! Networks whose texts are run in the frameworks: all known ones, and small ones for what those lack.

use convscope_core::graph::Graph;
use convscope_core::graph::notation;
use convscope_core::graph::zoo::Zoo;

/// A network with a name.
pub struct Case {
    /// For messages and files.
    pub name: &'static str,
    /// Whether its texts are kept whole, and it is run with numbers and not with shapes alone.
    pub is_small: bool,
    /// The network.
    pub graph: Graph,
}

/// Name and network in the notation of links.
const SMALL: &[(&str, &str)] = &[
    ("input-alone", "i1x3x8x9"),
    ("batch", "i2x3x8x9.c4k3.mk2.F.f5"),
    (
        "names",
        "i1x3x8x8:image.c4k3:'features.0.conv'.r:'features.0.conv'.c4k3:'3'.r:type.c4k1:lambda.r:'\u{e9} '",
    ),
    ("same", "i1x3x9x8.c4k3ps.c4k4x2ps.c4k3d2ps.c4k3s2ps"),
    ("same-circular", "i1x3x9x8.c4k3psmc.c4k3p1me.c4k3p1mr"),
    ("full", "i1x3x9x8.c4k3x2pf"),
    ("sides", "i1x3x9x8.c4k3p0,1,2,3.c4k3s2p1,0,0,1"),
    ("sides-modes", "i1x3x9x8.c4k3p0,1,2,3mr.c4k3p1,1,0,1me.c4k3p1,0,0,1mc"),
    ("strides", "i1x3x19x18.c4k3x5s2x3p1x2.c6k3s2x1"),
    ("dilation", "i1x3x19x18.c4k3d2.c4k3d3x2p3"),
    ("stride-and-dilation", "i1x3x19x18.c4k3s2d2"),
    ("groups", "i1x4x9x8.c8k3p1g2.c16k3g.c16k3p1gn.c16k3s1x2g"),
    ("max", "i1x3x9x8.mk3s2p1.mk2s1"),
    ("max-ceil", "i1x3x10x9.mk3s2u.mk2u"),
    ("max-ceil-dropped", "i1x3x7x7.mk2s2p1u"),
    ("max-sides", "i1x3x9x8.mk3s2p0,1,1,0.mk2p1,1,1,0u"),
    ("max-last-window", "i1x3x6x6.mk2s3p1w"),
    ("max-dilated", "i1x3x12x11.mk3s2d2p1"),
    ("max-same", "i1x3x9x8.mk3s2pu.mk2s1pl"),
    ("average", "i1x3x9x8.ak3s2p1.ak2"),
    ("average-inside", "i1x3x9x8.ak3s2p1e"),
    ("average-inside-sides", "i1x3x9x8.ak3s2p0,1,1,0e"),
    ("average-same", "i1x3x9x8.ak3s1pue.ak2s2pue"),
    ("average-ceil", "i1x3x10x9.ak3s2u.ak3s2p1u"),
    ("average-ceil-inside", "i1x3x10x9.ak3s2p1ue"),
    ("average-ceil-sides", "i1x3x10x9.ak3s2p0,1,1,0u"),
    ("average-divided", "i1x3x9x8.ak3s2p1f5"),
    ("average-dilated", "i1x3x12x11.ak3d2"),
    ("lp", "i1x3x9x8.l2k3s2"),
    ("lp-padded", "i1x3x9x8.l2k3s2p1"),
    ("adaptive", "i1x3x12x8.A6x4.A3x2.M1"),
    ("adaptive-uneven", "i1x3x13x9.A6x4.M5x3"),
    ("adaptive-larger", "i1x3x3x3.A5x4"),
    ("transposed", "i1x3x5x6.t4k2s2.t4k3s2p1o1.t4k4x3s2x1p1x0"),
    ("transposed-sides", "i1x3x5x6.t4k3s2p0,1,1,0o1"),
    ("transposed-dilated", "i1x3x5x6.t4k3s2d2p1o1"),
    ("transposed-groups", "i1x4x5x6.t6k3s2g2n.t6k3g"),
    ("transposed-sized", "i1x3x5x6.t4k3s2z13x12.t4k2s3z46x36"),
    ("transposed-same", "i1x3x5x6.t4k3s2pu.t4k2s3"),
    ("transposed-short", "i1x3x5x6.t4k1s2.t4k2s3"),
    ("linear", "i1x3x4x5.F.f7.r.f2n"),
    ("linear-rows", "i1x3x4x5.f7.r.f2n"),
    ("norms", "i1x4x6x5.b.bn.G2.G4n.G1"),
    ("norm-untracked", "i1x4x6x5.bt"),
    ("norm-features", "i2x4x6x5.F.f8.b.L8"),
    ("norm-three", "i2x4x30.b.G2.L30"),
    ("layer-norms", "i1x4x6x5.L5.L6x5n.L4x6x5h.L5nh"),
    ("local-response", "i1x8x6x5.R"),
    (
        "functions",
        "i1x3x6x5.r.esilu.eleaky.esigmoid.etanh.nReLU6.nGELU.nHardswish.nHardsigmoid.nHardtanh.nELU.nSELU.nCELU.nMish.nSoftplus.nSoftsign.nLogSigmoid.nTanhshrink.nHardshrink.nSoftshrink",
    ),
    (
        "functions-plain",
        "i1x3x6x5.nAbs.nSqrt.nExp.nReciprocal.nLog.nNeg.nErf.nSin.nCos.nExp.nFloor.nCeil.nRound.nSign",
    ),
    ("function-learned", "i1x3x6x5.nPReLU"),
    ("function-numbers", "i1x3x6x5.nClip"),
    ("nothing", "i1x3x6x5.d.D.k.eidentity"),
    ("softmax", "i1x3x6x5.s1.s-1.F.s1"),
    ("residual", "i1x8x9x9.c8k3p1.r.c8k3p1.ja_1,4.r"),
    ("gate", "i1x8x9x9.c8k3p1.A1.c2.r.c8.esigmoid.jm_1,6"),
    ("gate-linear", "i1x8x9x9.E2x3.f2.r.f8.esigmoid.v1x8x1x1.jm_1,7"),
    ("divide", "i1x8x9x9.c8.js_1,2.jd_1,2"),
    ("many-terms", "i1x8x9x9.c8.c8.ja_1,2,3.jm_1,2,3"),
    ("broadcast", "i1x8x9x9.w8x1x1.jm_2,1.w9.ja_2,1"),
    ("concat", "i1x3x9x8.c4k3p1.q_1,2.q2_1,1.F.q1_1,1"),
    ("chunks", "i1x8x9x8.h2.g0.c4k3p1_1.g1_3.q_2,1.h3a3.g2"),
    ("splits", "i1x8x9x8.H3x5.g0.g-1_2.q_1,2"),
    ("shuffle", "i1x8x9x8.S4"),
    ("pad", "i1x3x9x8.p1.p0,1,2,3.p-1,0,1,-2.p-1,0,0,-2"),
    ("pad-modes", "i1x3x9x8.p2mr.p1,0,2,1me.p1mc"),
    ("pad-and-crop", "i1x3x9x8.p1,0,-1,0mr"),
    ("upsample", "i1x3x4x5.ub2.ub2x3.u19x50"),
    ("upsample-fraction", "i1x3x6x9.ub3o2x2o3.ub1o2x1"),
    ("upsample-bilinear", "i1x3x4x5.ub2l.u9x13l"),
    ("upsample-aligned", "i1x3x4x5.ub2a.u9x13a.u1x13a"),
    ("flatten", "i1x3x4x5.F2x3.F0x1"),
    ("reshape", "i1x6x4x5.vo0x2x3xrx5.vo0xr.v1x6x4x5.c4k3"),
    ("permute", "i1x3x4x5.P0x2x3x1.L3.f7.P0x3x1x2.c4k3"),
    ("permute-others", "i1x3x4x5.P0x1x3x2.c4k3.P3x2x1x0.T1x-1.F0x1.T0x1"),
    ("mean", "i1x3x4x5.E2x3k.c4.E2x3.E1k"),
    ("mean-some", "i2x3x4x5.E2k.E-1.E0"),
    ("two-inputs", "i1x3x8x8.i1x5x8x8.q_2,1.c4k3"),
    ("unknown", "i1x3x8x8.c4k3.UWave~1x4x6x6.r"),
    ("list-at-the-end", "i1x8x8x8.h2"),
    ("impossible", "i1x3x8x8.c4k9.r"),
];

/// Every case.
pub fn cases() -> Vec<Case> {
    let small = SMALL.iter().map(|(name, text)| {
        let graph = notation::read(text).unwrap_or_else(|error| panic!("{name}: {error}"));
        Case { name, is_small: true, graph }
    });
    let known = Zoo::ALL.iter().map(|zoo| Case { name: zoo.id(), is_small: false, graph: zoo.build() });
    small.chain(known).collect()
}

/// A hash of a text (FNV-1a), as a change shows which are no longer those that ran.
pub fn hash(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}
