namespace Haq.Engine.Diagnostics;

/// <summary>Where in a file something was found; lines and columns count from 1, 0 where unknown.</summary>
public readonly record struct SourceLocation(string File, int Line = 0, int Column = 0)
{
    /// <summary>For example <c>haq.yaml(9,12)</c>, or the file alone.</summary>
    public override string ToString() => Line > 0 ? $"{File}({Line},{Math.Max(1, Column)})" : File;
}
