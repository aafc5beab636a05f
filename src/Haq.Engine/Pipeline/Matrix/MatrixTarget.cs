using Haq.Engine.Diagnostics;
using Haq.Engine.Hardware;

namespace Haq.Engine.Pipeline.Matrix;

/// <summary>A target that stands in place of the manifests' own.</summary>
/// <param name="Asked">A built-in name, or the absolute path of a hardware file.</param>
/// <param name="Hardware">As it was read.</param>
internal sealed record MatrixTarget(string Asked, HardwareTarget Hardware)
{
    /// <summary>What it calls itself.</summary>
    public string Name => Hardware.Name;

    /// <summary>Its name as part of a file's.</summary>
    public string Label => string.Concat(Name.Select(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' ? c : '-')).Trim('.');

    /// <exception cref="HaqException">There is no such target (HAQ0201), or its file is wrong.</exception>
    public static MatrixTarget Load(string asked)
    {
        var hardware = HardwareCatalog.Load(asked, Directory.GetCurrentDirectory());
        return new MatrixTarget(hardware.Files.Length > 0 ? hardware.Files[0] : asked, hardware);
    }
}
