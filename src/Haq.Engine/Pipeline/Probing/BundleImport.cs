using System.Globalization;
using System.Text;
using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;
using Haq.Engine.Hardware.Probes;
using Haq.Engine.Pipeline.Outputs;

namespace Haq.Engine.Pipeline.Probing;

/// <summary>Brings measured times in as a hardware file and its table.</summary>
/// <param name="Bundle">What was measured.</param>
/// <param name="Import">What came of it.</param>
/// <param name="HardwarePath">The hardware file.</param>
/// <param name="TablePath">Its table.</param>
public sealed record BundleImport(ProbeBundle Bundle, ProbeImport Import, string HardwarePath, string TablePath)
{
    /// <summary>The command that the hardware file had before and still has; null where it has none, or one that was given.</summary>
    public string? KeptRun { get; init; }

    /// <summary>Reads times and writes both files.</summary>
    /// <param name="timesPath">The file of times.</param>
    /// <param name="folder">The bundle's folder; null for the one that the times lie in.</param>
    /// <param name="hardwarePath">The hardware file to write; null for <c>MODEL.hardware.yaml</c> beside the times.</param>
    /// <param name="device">What was measured; null for what the times say.</param>
    /// <param name="run">The command that measures a file there; null for that of the hardware file that is written over.</param>
    /// <param name="runner">Where that ends in a shell on the device: what is started there; null for none.</param>
    /// <param name="remote">Where it does: the folder there; null for one of its own.</param>
    /// <exception cref="HaqException">The bundle or the times cannot be read, or do not belong together (HAQ0231 to HAQ0234); a file cannot be written (HAQ0801).</exception>
    public static BundleImport Write(string timesPath, string? folder = null, string? hardwarePath = null, string? device = null, string? run = null, string? runner = null, string? remote = null)
    {
        ArgumentNullException.ThrowIfNull(timesPath);
        string beside = Path.GetDirectoryName(Path.GetFullPath(timesPath))!;
        var times = TimesFile.Read(timesPath);
        var bundle = ProbeBundle.Read(folder ?? beside);
        string name = Path.GetFileNameWithoutExtension(bundle.Model);
        string hardware = hardwarePath ?? Path.Combine(beside, name + ProbeImport.HardwareEnd);
        string stem = hardware.EndsWith(ProbeImport.HardwareEnd, StringComparison.OrdinalIgnoreCase) ? hardware[..^ProbeImport.HardwareEnd.Length] : Path.ChangeExtension(hardware, null);
        string table = stem + ProbeImport.TableEnd;
        string? kept = null;
        if (run is null)
        {
            (run, runner, remote) = CommandsOf(hardware);
            kept = run;
        }
        string day = File.GetLastWriteTimeUtc(timesPath).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var options = new ProbeImportOptions(Path.GetFileName(stem), timesPath, Path.GetFileName(table), day) { Device = device, Run = run, Runner = runner, Remote = remote };
        var import = ProbeImport.Of(bundle, times, options);
        AtomicFile.Write(table, Encoding.UTF8.GetBytes(import.Table));
        AtomicFile.Write(hardware, Encoding.UTF8.GetBytes(import.Hardware));
        return new BundleImport(bundle, import, hardware, table) { KeptRun = kept };
    }

    // What the file that is written over says of its device's commands is kept.
    private static (string? Run, string? Runner, string? Remote) CommandsOf(string path)
    {
        if (!File.Exists(path)) return (null, null, null);
        try
        {
            var before = HardwareCatalog.Load(path, Environment.CurrentDirectory);
            return (before.Run, before.Runner, before.Remote);
        }
        catch (HaqException)
        {
            // It is being written anew, which mends it.
            return (null, null, null);
        }
    }
}
