using System;

namespace Microsoft.Build.Framework;

/// <summary>MSBuild looks for this attribute by its name: under <c>-mt</c> a task that bears it stays in the build's own process.</summary>
[AttributeUsage(AttributeTargets.Class)]
internal sealed class MSBuildMultiThreadableTaskAttribute : Attribute
{
}
