using Haq.Engine.Hardware.Probes;
using Haq.Engine.Pipeline.Probing;

namespace Haq.Tool.Output;

/// <summary>What <c>haq measure</c> did, for people.</summary>
internal static class MeasureText
{
    public static void Print(string? folder, ProbeBundle? written, BundleImport? imported)
    {
        if (written is not null) Print(folder!, written, alone: imported is null);
        if (imported is not null) Print(imported);
    }

    private static void Print(string folder, ProbeBundle bundle, bool alone)
    {
        int Count(ProbeKind kind) => bundle.Probes.Count(p => p.Kind == kind);
        Console.WriteLine($"wrote {bundle.Probes.Length} probes of {bundle.Model} to {folder}: {Count(ProbeKind.Policy)} whole networks, {Count(ProbeKind.Layer)} layers, {Count(ProbeKind.Group)} layers with what "
            + $"follows them, {Count(ProbeKind.Convert)} changes of width; {bundle.Layers.Length} layers at {string.Join(", ", bundle.Widths)}, batch {bundle.Batch}");
        if (!alone) return;
        Console.WriteLine("Time them on the device, with one of the runners in that folder (RUNNERS.md there says how) or any tool that gives 'probe,seconds' for each.");
        Console.WriteLine($"Then: haq measure --import {Path.Combine(folder, TimesFile.FileName)}");
    }

    private static string Milliseconds(double seconds) => (seconds * 1e3).ToString("0.000", Tables.Culture);

    private static void Print(BundleImport imported)
    {
        var import = imported.Import;
        var culture = Tables.Culture;
        Console.WriteLine($"{imported.Bundle.Model} on {import.Device}: {import.Probes} probes{(import.Spread is { } s ? string.Create(culture, $", quartiles typically {s:P1} apart") : "")}");
        Console.WriteLine(string.Create(culture, $"every run takes {import.Overhead * 1e6:0.##} us; layers in a network take {string.Join(", ", import.Scales.Select(p => string.Create(culture,
            $"{p.Value:0.00} of what they take alone at {p.Key}")))}; changes of width take {import.ConvertScale:0.00} of it"));
        var table = Tables.New("network", "measured ms", "predicted ms", "error of a fit without it").AlignRight(1, 3);
        foreach (var p in import.Policies)
            table.AddText(p.Probe, Milliseconds(p.MeasuredSeconds), Milliseconds(p.PredictedSeconds), p.HeldOutError is { } e ? e.ToString("+0.0 %;-0.0 %", culture) : "fitted");
        table.Print();
        Console.WriteLine(string.Create(culture, $"expected error of a network's latency: ± {import.ExpectedError * 100:0.#} %"));
        Console.WriteLine($"wrote {imported.HardwarePath} and {imported.TablePath}{(import.HasEnergy ? ", with energies" : "")}");
        if (imported.KeptRun is { } run) Console.WriteLine($"kept run: {run} (as {Path.GetFileName(imported.HardwarePath)} had it; is the device another one, mend it there)");
        Console.WriteLine($"Use it: 'hardware: {Path.GetRelativePath(Directory.GetCurrentDirectory(), imported.HardwarePath).Replace('\\', '/')}' in a haq.yaml here, or haq simulate {imported.Bundle.Model} --hardware {imported.HardwarePath} --bits {imported.Bundle.Widths[0]}");
    }
}
