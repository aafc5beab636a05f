using System.Globalization;
using Haq.Engine.Hardware.Fitted;
using Haq.Engine.Layers;

namespace Haq.Benchmarks.Costs;

/// <summary>The fitted kind against devices that somebody measured; whatever is predicted was left out of the fit.</summary>
internal static class FittedCosts
{
    private const string Hawq = "Zhen-Dong/HAWQ at 1616df6 (MIT), tvm_benchmark tuning logs", St = "STMicroelectronics/stm32ai-modelzoo, image_classification at 6f10965 and 7f3764d";

    private const string TunedWhy = "Each kernel was searched for by itself, with more or less luck: of one shape, int4 takes 0.39 to 0.93 of int8 (25 shapes, 0.55 in the mean), which a rate for "
        + "each cannot follow.";

    private const int T4Batch = 8;

    public static IEnumerable<Comparison> All(FigureFiles files)
    {
        FitRow[] resNet50 = [.. FigureFiles.Own("hawq_t4_resnet50_batch8.csv").Select(r => T4Row(r, "padded", "kernel", r.Real("seconds")))];
        var fit = FittedTarget.Fit(resNet50, [], T4Batch, 0, "T4");
        yield return Of("fitted", "NVIDIA T4, 52 kernels of ResNet-50 in int4 and int8, each tenth of the shapes left out, s", Hawq,
            [.. fit.HeldOut.Select((e, i) => ((1 + e) * resNet50[i].Seconds, resNet50[i].Seconds))]) with { Why = TunedWhy };
        yield return Of("fitted", "the same kernels, each row left out while the shape's other width stays, s", Hawq, LeaveOut(resNet50, (a, b) => a == b)) with { Why = TunedWhy };
        yield return Of("table", "the same kernels, the other width times the mean ratio of the other shapes, s", Hawq, OtherWidth(resNet50)) with
        {
            Why = "`missing: interpolate` refuses these, as two widths have nothing between them: this is what a rule of thumb (int4 takes 0.55 of int8) would say. " + TunedWhy,
        };
        if (files.Shared("hawq_t4_resnet18_batch8.csv") is { } rows)
        {
            FitRow[] resNet18 = [.. rows.Select(r => T4Row(r, "padded_h", "kernel_h", r.Real("latency_ns") * 1e-9))];
            var model = new FittedModel(fit.Parameters);
            yield return Of("fitted", "22 kernels of ResNet-18 from the fit to ResNet-50's, s", Hawq, [.. resNet18.Select(r => (Price(model, r), r.Seconds))]) with
            {
                Why = "Six 1x1 kernels with stride 2 take 6 to 14 us, of which the fit knows few, and are priced 7 to 60 % too high; two 3x3 kernels of 64 channels take 9 and 15 % less here than "
                    + "the same kernels in ResNet-50's log.",
            };
        }
        MeasuredNetwork[] nets = [.. FigureFiles.Own("stm32n6_networks.csv").Select(Net)];
        yield return Of("fitted", "STM32N6, 23 int8 networks, each left out, ms", St, NetworkFit.LeaveOut(nets, (a, b) => a == b));
        yield return Of("fitted", "the same, the three families left out one after the other, ms", St, NetworkFit.LeaveOut(nets, (a, b) => a.Family == b.Family)) with
        {
            Why = "MobileNets say little of dense 3x3 layers, and SqueezeNet has no depthwise ones: what no layer of the fit does is not priced well. Measure a network like your own.",
        };
    }

    private static Comparison Of(string kind, string what, string source, (double Predicted, double Actual)[] pairs) => Comparison.Of(kind, what, source, pairs);

    private static (double, double)[] LeaveOut(FitRow[] rows, Func<int, int, bool> together)
    {
        var fit = new ParameterFit(rows, T4Batch, FittedTarget.Sizes, isByPair: false);
        return [.. Enumerable.Range(0, rows.Length).Select(i =>
        {
            var (array, coefficients) = fit.Best([.. Enumerable.Range(0, rows.Length).Where(j => !together(i, j))]);
            return (fit.Predict(i, array, coefficients), rows[i].Seconds);
        })];
    }

    // A kernel's time at one width from its time at the other, by the geometric mean of that ratio over the other shapes.
    private static (double, double)[] OtherWidth(FitRow[] rows)
    {
        var pairs = rows.GroupBy(r => r.Shape).Where(g => g.Select(r => r.Bits).Distinct().Count() == 2).Select(g => (Narrow: g.First(r => r.Bits.Weights == 4).Seconds, Wide: g.First(r =>
            r.Bits.Weights == 8).Seconds)).ToArray();
        return [.. pairs.SelectMany((p, i) =>
        {
            double ratio = Math.Exp(pairs.Where((_, j) => j != i).Average(o => Math.Log(o.Narrow / o.Wide)));
            return new[] { (p.Wide * ratio, p.Narrow), (p.Narrow / ratio, p.Wide) };
        })];
    }

    private static double Price(FittedModel model, FitRow row) => model.Price(new Engine.Hardware.Workload(new QuantizableLayer(0, "", row.Shape, 0), row.Bits, row.Bits, T4Batch, IsFirst: false,
        row.Bits.Activations)).Seconds;

    // The log has maps with their padding.
    private static FitRow T4Row(Dictionary<string, string> row, string padded, string kernel, double seconds)
    {
        int inputs = row.Whole("in_channels"), outputs = row.Whole("out_channels"), size = row.Whole(padded), window = row.Whole(kernel), stride = row.Whole("stride");
        var shape = row["op"] == "dense" ? LayerShape.Dense(inputs, outputs) : LayerShape.Conv2D(inputs, outputs, window, stride, size, (size - window) / stride + 1);
        return new FitRow(shape, new LayerBits(row.Whole("weight_bits"), row.Whole("activation_bits")), seconds);
    }

    private static MeasuredNetwork Net(Dictionary<string, string> row) => new(
        row["network"], PublishedNetworks.Of(row["network"], row.Real("width"), row.Whole("resolution"), row.Whole("classes")), row.Real("milliseconds"));
}
