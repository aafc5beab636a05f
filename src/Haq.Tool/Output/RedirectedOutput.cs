using System.Text;

namespace Haq.Tool.Output;

/// <summary>Files and pipes get UTF-8 on every system; a terminal gets what it understands.</summary>
internal static class RedirectedOutput
{
    /// <summary>The writer that stands in for standard output until it is disposed; null where that is a terminal.</summary>
    public static IDisposable? InUtf8()
    {
        if (!Console.IsOutputRedirected) return null;
        var writer = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(encoderShouldEmitUTF8Identifier: false)) { AutoFlush = true };
        Console.SetOut(writer);
        return writer;
    }
}
