using System.Globalization;
using Haq.Engine.Hardware;
using Haq.Engine.Hardware.Systolic;
using Haq.Engine.Layers;
using Haq.Engine.Tests.Hardware;

namespace Haq.Benchmarks.Costs;

/// <summary>The systolic kind against three simulators of arrays.</summary>
internal static class SystolicCosts
{
    private const string ScaleSim2 = "scalesim-project/scale-sim-v2 (MIT), run without a limit on bandwidth", ScaleSim3 = "scalesim-project/scale-sim-v3 at fab89b7 (MIT), its golden reports",
        ZigZag = "KULeuven-MICAS/zigzag at 3d12a96 (MIT), tests/main/test_origin", Timeloop = "Accelergy-Project/timeloop-accelergy-exercises at 67b75f2 (MIT), eyeriss_like";

    private static readonly LayerBits s_eight = new(8, 8);

    private static readonly QuantizableLayer[] s_resNet18 = Networks.Of(PublishedNetworks.ResNet18());

    public static IEnumerable<Comparison> All(FigureFiles files)
    {
        if (files.Shared("scalesim_v2_calc.csv") is { } rows)
        {
            yield return Comparison.Of("systolic", "MobileNetV1 and ResNet-18 with outputs or weights in place, cycles", ScaleSim2, rows.Select(r => (Serial(r, r.Whole("ofmap_px"),
                r.Whole("num_filters"), r.Whole("K"), r.Whole("rows"), r.Whole("cols")),
                r.Real("total_cycles")))) with
            {
                IsExact = true,
                Why = "The same formula of folds; memory is never waited for in either.",
            };
        }
        var golden = FigureFiles.Own("scalesim_v3_golden.csv");
        yield return Comparison.Of("systolic", "four layers with weights, outputs or inputs in place, cycles of the array alone", ScaleSim3,
            golden.Select(r => (Serial(r, r.Whole("pixels"), r.Whole("filters"), r.Whole("window"), 32, 32), r.Real("total_cycles") - r.Real("stall_cycles")))) with
        {
            IsExact = true,
            Why = "The same formula of folds.",
        };
        yield return Comparison.Of("systolic", "three of them behind 10 words a cycle for each operand, cycles with waiting", ScaleSim3, golden.Where(r => r["bandwidth"] != "0").Select(r =>
            ((double)Price(r).Cycles, r.Real("total_cycles")))) with
        {
            Why = "SCALE-Sim's buffers hold a window of the order in which the array asks: with outputs or weights in place it fetches the whole input of 65,536 words anew for each of eight "
                + "passes (524,320 in its report). "
                + "`systolic` moves tiles that fit half a buffer in the order that moves least: 65,536 words once. A buffer of the first sort is cheaper to build and rare in what is sold; files "
                    + "that describe one need a `dram_bits_per_cycle` as "
                + "much smaller.",
        };
        var zigzag = FigureFiles.Own("zigzag_resnet18.csv");
        foreach (string start in (string[])["buffers", "fold"])
        {
            var whole = Policy.Uniform(s_resNet18.Length, s_eight);
            (NetworkCost Cost, Dictionary<string, string> Row)[] nets = [.. zigzag.Select(r => (CostTable.Build(ZigZagFile(r, start), s_resNet18, fixedBits: 0).PriceWhole(whole), r))];
            yield return Comparison.Of("systolic", $"ResNet-18 on five accelerators, `start: {start}`, cycles", ZigZag, nets.Select(n => ((double)n.Cost.Cycles, n.Row.Real("latency_cycles")))) with
            {
                Why = start == "buffers" ? StartWhy : LatencyWhy,
            };
            if (start == "fold") continue;
            yield return Comparison.Of("systolic", "the same, energy in pJ", ZigZag, nets.Select(n => (n.Cost.EnergyJoules!.Value * 1e12, n.Row.Real("energy_pj")))) with { Why = EnergyWhy };
        }
        var eyeriss = FigureFiles.Own("timeloop_eyeriss.csv");
        (LayerCost Cost, Dictionary<string, string> Row)[] layers = [.. eyeriss.Select(r => (PriceEyeriss(r), r))];
        yield return Comparison.Of("systolic", "MobileNetV1's first layer on an Eyeriss-like array, cycles", Timeloop, layers.Select(l => ((double)l.Cost.Cycles, l.Row.Real("cycles")))) with
        {
            Why = "Eyeriss keeps rows of the window in place, which `systolic` has no dataflow for; with outputs in place and folds overlapped 14x12 elements are filled better than by its 126 of "
                + "168.",
        };
        yield return Comparison.Of("systolic", "the same, words across DRAM", Timeloop, layers.Select(l => (l.Cost.Dram.Total / 8.0, l.Row.Real("dram_words"))));
        yield return Comparison.Of("systolic", "the same, energy in pJ", Timeloop, layers.Select(l => (l.Cost.Energy!.Value.Total, l.Row.Real("energy_pj"))));
    }

    private const string StartWhy = "The array waits until half of each buffer is full and its last half is empty, layer by layer: too much for megabytes of buffer. `start: fold` lets it start as "
        + "soon as what stays in place in its "
        + "first fold is there.",
        LatencyWhy = "The accelerator with weights in place (tpu_like, 30 % too fast) has no second place for the weights of the next fold: its array stands still while they come, of which "
            + "`systolic` knows nothing in between "
        + "`buffering: double` and `single`. The other four are 3 to 15 % too fast: sums and pooling are passes of their own in ZigZag, and none here, where a network has no `tensors: integer`.",
        EnergyWhy = "One energy a bit stands for memories of 1 byte to 2 MB beside each other, and every operand is counted from the large one; with weights in place every sum goes out and comes "
            + "back once a fold (27 % too much).";

    private static double Serial(Dictionary<string, string> row, int pixels, int filters, int window, int rows, int cols) =>
        Folds.Of(row["dataflow"] switch { "os" => Dataflow.OutputStationary, "ws" => Dataflow.WeightStationary, _ => Dataflow.InputStationary }, pixels, filters, window, rows, cols,
            macs: 1).SerialCycles;

    private static LayerCost Price(Dictionary<string, string> row)
    {
        var target = Target(row["dataflow"], 32, 32, (65_536, 65_536, 65_536), 3 * 8 * row.Whole("bandwidth"), "serial", 1, null);
        return Price(target, LayerShape.Dense(row.Whole("window"), row.Whole("filters"), row.Whole("pixels")));
    }

    private static HardwareTarget ZigZagFile(Dictionary<string, string> row, string start) => Target(
        row["dataflow"], row.Whole("rows"), row.Whole("cols"), (row.Whole("weight_bytes"), row.Whole("input_bytes"), row.Whole("output_bytes")), row.Whole("dram_bits_per_cycle"), "overlapped",
            row.Whole("macs_per_element"), row, start);

    private static LayerCost PriceEyeriss(Dictionary<string, string> row)
    {
        int half = row.Whole("buffer_bytes") / 2;
        var target = Target("os", row.Whole("rows"), row.Whole("cols"), (half, half, half), 1 << 20, "overlapped", 1, row);
        return Price(target, LayerShape.Conv2D(row.Whole("in_channels"), row.Whole("out_channels"), row.Whole("kernel"), row.Whole("stride"), row.Whole("input"), row.Whole("output")));
    }

    private static LayerCost Price(HardwareTarget target, LayerShape shape) => target.Model.Price(new Workload(new QuantizableLayer(0, "", shape, 0), s_eight, s_eight, 1, IsFirst: false,
        Bitwidth.Eight));

    private static HardwareTarget Target(string dataflow, int rows, int cols, (int Weights, int Inputs, int Outputs) sram, int bandwidth, string folds, int macs, Dictionary<string,
        string>? energy, string start = "buffers")
    {
        string constants = energy is null ? "" : $"energy: {{mac_pj: {energy["mac_pj"]}, sram_pj_per_bit: {energy["sram_pj_per_bit"]}, dram_pj_per_bit: {energy["dram_pj_per_bit"]}, leakage_mw: 0, "
            + "source: published}";
        return HardwareReader.Read("array.yaml", string.Create(CultureInfo.InvariantCulture,
            $$"""
            kind: systolic
            clock_mhz: 1000
            dataflow: {{dataflow}}
            rows: {{rows}}
            cols: {{cols}}
            macs_per_element: {w8a8: {{macs}}}
            sram: {weights: {{sram.Weights}}, inputs: {{sram.Inputs}}, outputs: {{sram.Outputs}}}
            dram_bits_per_cycle: {{bandwidth}}
            start: {{start}}
            folds: {{folds}}
            {{constants}}
            provenance: published
            """), null);
    }
}
