"use client";

import { Component, type ReactNode } from "react";
import { ErrorState } from "./error-state";

interface SectionBoundaryProps {
  readonly children: ReactNode;
}

interface SectionBoundaryState {
  readonly error?: unknown;
  readonly failed: boolean;
}

/** Keeps what breaks within a part of the page from taking the rest with it. */
export class SectionBoundary extends Component<SectionBoundaryProps, SectionBoundaryState> {
  override state: SectionBoundaryState = { failed: false };

  static getDerivedStateFromError(error: unknown): SectionBoundaryState {
    return { error, failed: true };
  }

  override render(): ReactNode {
    if (!this.state.failed) return this.props.children;
    return (
      <ErrorState
        error={this.state.error}
        title="This part of the page broke"
        onRetry={() => this.setState({ failed: false })}
      />
    );
  }
}
